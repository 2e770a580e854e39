import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { registerOnnxRuntimeBackend } from '@lapyra/tfjs-onnx';
import { lazyMemory, startLazyBackend } from './support/lazy-backend.js';

afterEach(() => {
  tf.disposeVariables();
  tf.removeBackend('onnxruntime');
});

const numbers = async (tensor: tf.Tensor): Promise<number[]> => [...(await tensor.data())];

describe('compiling', () => {
  test('computes nothing before a value is read, and all that waits then', async () => {
    const calls = await startLazyBackend();
    const x = tf.tensor([1, 2, 3]);
    const doubled = tf.mul(x, 2);
    const sum = tf.sum(doubled);
    await Promise.resolve();
    expect(calls).toMatchObject({ compiled: 0, runs: 0 });
    expect(lazyMemory().numPendingOperations).toBe(2);
    expect(await numbers(sum)).toEqual([12]);
    expect(await numbers(doubled)).toEqual([2, 4, 6]);
    expect(calls).toMatchObject({ compiled: 1, runs: 1 });
    expect(lazyMemory()).toMatchObject({ numPendingOperations: 0, numCompiledGraphs: 1 });
  });

  test('compiles a structure once, whatever the numbers are', async () => {
    const calls = await startLazyBackend();
    const line = (x: number[], slope: number, from: number): Promise<number[]> =>
      numbers(tf.tidy(() => tf.add(tf.mul(tf.tensor(x), slope), tf.fill([2], from))));
    expect(await line([1, 2], 3, 1)).toEqual([4, 7]);
    expect(await line([5, 6], -1, 10)).toEqual([5, 4]);
    expect(calls.compiled).toBe(1);
    expect(await line([1], 1, 0)).toEqual([1, 1]); // another shape
    expect(calls.compiled).toBe(2);
  });

  test('tells attributes, wiring and element types apart', async () => {
    const calls = await startLazyBackend();
    const [a, b] = [tf.tensor([[1, 2]]), tf.tensor([[3, 5]])];
    expect(await numbers(tf.sub(a, b))).toEqual([-2, -3]);
    expect(await numbers(tf.sub(b, b))).toEqual([0, 0]);
    expect(await numbers(tf.sub(b, a))).toEqual([2, 3]); // the first structure, other numbers
    expect(calls.compiled).toBe(2);
    expect(await numbers(tf.sum(a, 0))).toEqual([1, 2]);
    expect(await numbers(tf.sum(a, 1))).toEqual([3]);
    expect(await numbers(tf.sum(tf.tensor([[1, 2]], [1, 2], 'int32'), 1))).toEqual([3]);
    expect(calls.compiled).toBe(5);
  });

  test('does not compute what is disposed before the read', async () => {
    const calls = await startLazyBackend();
    const x = tf.tensor([4]);
    tf.dispose(tf.exp(x));
    const root = tf.sqrt(x);
    const read = root.data();
    root.dispose(); // the read has been promised
    expect([...(await read)]).toEqual([2]);
    expect(calls.runs).toBe(1);
  });

  test('keeps as many sessions as the cache may hold', async () => {
    const calls = await startLazyBackend({ cacheSize: 2 });
    const fill = (size: number): Promise<number[]> =>
      numbers(tf.tidy(() => tf.neg(tf.ones([size]))));
    for (const size of [1, 2, 3]) await fill(size);
    expect(calls).toMatchObject({ compiled: 3, released: 1 });
    await fill(3);
    await fill(2);
    expect(calls.compiled).toBe(3);
    await fill(1); // was released
    expect(calls).toMatchObject({ compiled: 4, released: 2 });
    expect(lazyMemory().numCompiledGraphs).toBe(2);
    tf.removeBackend('onnxruntime');
    await vi.waitFor(() => expect(calls.released).toBe(4));
    await startLazyBackend(); // for afterEach
  });
});

describe('values', () => {
  test('are those at the time of the operation, whatever happens to the array afterwards', async () => {
    await startLazyBackend();
    const array = Float32Array.of(1, 2);
    const x = tf.tensor(array);
    const y = tf.neg(x);
    array.fill(9);
    expect(await numbers(y)).toEqual([-1, -2]);
    (await x.data()).fill(7);
    expect(await numbers(tf.neg(x))).toEqual([-1, -2]);
  });

  test('that are on the host can be read at once, others say how', async () => {
    await startLazyBackend();
    const x = tf.tensor([[1, 2]]);
    expect([...tf.reshape(x, [2]).dataSync()]).toEqual([1, 2]);
    const y = tf.exp(x);
    expect(() => y.dataSync()).toThrow(
      'the result of "exp": its values are computed asynchronously and are not there yet: await data() instead of calling dataSync().',
    );
    await y.data();
    expect(y.dataSync()[0]).toBeCloseTo(Math.E);
  });

  test('come from and go to other backends', async () => {
    await startLazyBackend();
    await tf.setBackend('cpu');
    const x = tf.tensor([1, 4]);
    await tf.setBackend('onnxruntime');
    const y = tf.sqrt(x);
    expect(await numbers(y)).toEqual([1, 2]);
    await tf.setBackend('cpu');
    expect([...tf.neg(y).dataSync()]).toEqual([-1, -2]);
    await tf.setBackend('onnxruntime');
  });

  test('of strings are kept, and refused by operations', async () => {
    await startLazyBackend();
    const words = tf.tensor(['a', 'b']);
    expect(await tf.reshape(words, [2, 1]).data()).toEqual(['a', 'b']);
    expect(() => tf.tile(words, [2])).toThrow(
      '"tile": expected float32, int32 or bool values, got string.',
    );
  });
});

describe('errors', () => {
  test('name the operation without a translation, and the way out', async () => {
    await startLazyBackend();
    expect(() => tf.unique(tf.tensor([1, 1]))).toThrow(
      expect.objectContaining({
        code: 'TFJS_ONNX_UNSUPPORTED_KERNEL',
        message: expect.stringContaining('"unique": the kernel Unique has no translation to ONNX'),
        hint: expect.stringContaining("tf.setBackend('cpu')") as unknown,
      }) as Error,
    );
    expect(() => tf.complex([1], [1])).toThrow('"complex": the kernel Complex');
  });

  test('refuse options that make no sense, and a name that is taken', async () => {
    expect(() => registerOnnxRuntimeBackend({ name: 'other', cacheSize: 0 })).toThrow(
      'registerOnnxRuntimeBackend: expected a whole number of at least 1 as cacheSize, got 0.',
    );
    await startLazyBackend();
    expect(() => registerOnnxRuntimeBackend()).toThrow(
      'expected a new name, got "onnxruntime", which is registered already.',
    );
  });
});
