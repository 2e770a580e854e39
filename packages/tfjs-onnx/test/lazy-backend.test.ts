import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import * as ort from 'onnxruntime-node';
import * as web from 'onnxruntime-web';
import {
  compile,
  registerLowering,
  registerOnnxRuntimeBackend,
  type Kernel,
  type OrtModule,
} from '@lapyra/tfjs-onnx';
import { lazyMemory, startLazyBackend } from './support/lazy-backend.js';

beforeEach(() => {
  tf.engine().startScope();
});

afterEach(() => {
  tf.engine().endScope();
  tf.disposeVariables();
  if (tf.findBackendFactory('onnxruntime') != null) tf.removeBackend('onnxruntime');
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

  test('knows ranges and rows of known tensors without a graph', async () => {
    const calls = await startLazyBackend();
    const shifted = (start: number): Promise<number[]> =>
      numbers(tf.tidy(() => tf.neg(tf.range(start, start + 2))));
    expect(await shifted(1)).toEqual([-1, -2]);
    expect(await shifted(7)).toEqual([-7, -8]);
    const x = tf.tensor([
      [1, 2],
      [3, 4],
      [5, 6],
    ]);
    const row = (at: number): Promise<number[]> => numbers(tf.neg(tf.slice(x, [at, 0], [1, 2])));
    expect(await row(0)).toEqual([-1, -2]);
    expect(await row(2)).toEqual([-5, -6]);
    expect([...tf.linspace(0, 1, 3).dataSync()]).toEqual([0, 0.5, 1]);
    expect(calls.compiled).toBe(2);
    expect(await numbers(tf.slice(x, [1, 1], [2, 1]))).toEqual([4, 6]);
  });

  test('forgets what was compiled with a translation that another one took the place of', async () => {
    await startLazyBackend();
    const translate = (op: string): Kernel => ({
      name: 'TestReplaced',
      infer: ({ inputs }) => inputs['x']!,
      lower: ({ inputs, outputs }, l) => l.set(outputs[0]!, l.map(op, [l.plain(inputs['x']!)])),
    });
    const run = (): Promise<number[]> =>
      numbers(tf.engine().runKernel('TestReplaced', { x: tf.tensor([4]) }));
    registerLowering(translate('Neg'));
    expect(await run()).toEqual([-4]);
    registerLowering(translate('Sqrt'), { replace: true });
    expect(await run()).toEqual([2]);
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
    await tf.setBackend('cpu');
    expect(() => tf.neg(y)).toThrow('its values are computed asynchronously');
    expect(await numbers(y)).toEqual([1, 2]);
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

describe('memory', () => {
  test('is what the living tensors hold, and goes with them', async () => {
    await startLazyBackend();
    const others = tf.memory();
    const x = tf.tensor([1, 2, 3, 4]);
    const y = tf.exp(x);
    expect(lazyMemory().numBytesHeld).toBe(16);
    await y.data();
    const view = tf.reshape(y, [2, 2]); // shares its data
    expect(tf.backend().refCount(y.dataId)).toBe(2);
    expect(tf.backend().numDataIds()).toBe(2);
    expect(lazyMemory()).toMatchObject({
      unreliable: false,
      numBytesHeld: 32,
      numTensors: others.numTensors + 3,
      numDataBuffers: others.numDataBuffers + 2,
    });
    tf.dispose([x, y]);
    expect(lazyMemory().numBytesHeld).toBe(16);
    expect(await numbers(view)).toHaveLength(4);
    tf.dispose(view);
    expect(tf.backend().numDataIds()).toBe(0);
    expect(lazyMemory().numBytesHeld).toBe(0);
    expect(tf.memory().numTensors).toBe(others.numTensors);
  });

  test('is given back with the backend, which can start again', async () => {
    const calls = await startLazyBackend();
    const x = tf.exp(tf.tensor([0]));
    await x.data();
    const late = tf.neg(x).data();
    tf.removeBackend('onnxruntime');
    await expect(late).rejects.toThrow('the onnxruntime backend was removed');
    await vi.waitFor(() => expect(calls.released).toBe(1));
    await startLazyBackend();
    expect(await numbers(tf.exp(tf.tensor([0])))).toEqual([1]);
  });
});

describe('what piles up', () => {
  test('is computed when the code pauses, if it is much', async () => {
    const calls = await startLazyBackend({ flushAfter: 10 });
    let x = tf.tensor([0]);
    for (let i = 0; i < 9; i++) x = tf.add(x, 1);
    await tf.nextFrame();
    expect(calls.runs).toBe(0);
    for (let i = 0; i < 6; i++) x = tf.add(x, 1);
    expect(calls.runs).toBe(0);
    await vi.waitFor(() => expect(x.dataSync()[0]).toBe(15));
    expect(calls.runs).toBe(1);
    expect(lazyMemory().numPendingOperations).toBe(0);
  });

  test.each([true, false])('goes in order, batch by batch (runs in order: %s)', async (chained) => {
    const calls = await startLazyBackend({ flushAfter: 2, chained });
    const results: tf.Tensor[] = [];
    let x = tf.tensor([1]);
    for (let i = 0; i < 8; i++) {
      x = tf.mul(tf.add(x, i), 2);
      results.push(x);
      await Promise.resolve().then(() => {});
    }
    const got = await Promise.all(results.map(numbers));
    expect(got.flat()).toEqual([2, 6, 16, 38, 84, 178, 368, 750]);
    expect(calls.compiled).toBe(1);
    expect(calls.runs).toBe(8);
  });

  test('goes in order on onnxruntime-web, too', async () => {
    web.env.wasm.numThreads = 1;
    registerOnnxRuntimeBackend({ ort: web, flushAfter: 2 });
    await tf.setBackend('onnxruntime');
    let x = tf.tensor([1, -3]);
    for (let i = 0; i < 10; i++) {
      x = tf.mul(tf.add(x, 1), 0.5);
      await Promise.resolve();
    }
    // 1 + (x − 1) / 2¹⁰
    expect(await numbers(x)).toEqual([1, 1 - 4 / 1024]);
  });

  test('is timed by tf.time', async () => {
    await startLazyBackend();
    const x = tf.ones([200, 200]);
    const { kernelMs, wallMs } = await tf.time(() => void tf.matMul(x, x));
    expect(kernelMs).toBeGreaterThan(0);
    expect(wallMs).toBeGreaterThanOrEqual(kernelMs as number);
  });
});

describe('a trace', () => {
  test('leaves what waits on the backend as it is', async () => {
    const calls = await startLazyBackend();
    const x = tf.add(tf.tensor([1, 2]), 1);
    const compiled = await compile(({ a }) => ({ b: tf.neg(a!) }), {
      ort,
      inputs: { a: { shape: [2], dtype: 'float32' } },
    });
    expect(calls.runs).toBe(0);
    const { b } = await compiled.run({
      a: { shape: [2], dtype: 'float32', data: (await x.data()) as Float32Array },
    });
    await compiled.dispose();
    expect([...(b!.data as Float32Array)]).toEqual([-2, -3]);
    expect(await numbers(tf.mul(x, 2))).toEqual([4, 6]);
  });
});

describe('random numbers', () => {
  test('differ from call to call, and are no structure of their own', async () => {
    const calls = await startLazyBackend();
    const draw = (): Promise<number[]> => numbers(tf.tidy(() => tf.neg(tf.randomUniform([8]))));
    expect(await draw()).not.toEqual(await draw());
    expect(calls.compiled).toBe(1);
  });

  test('of multinomial follow its seed and the probabilities', async () => {
    const calls = await startLazyBackend();
    const logits = tf.log(tf.tensor([0.1, 0.6, 0.3]));
    const draw = (seed?: number): Promise<number[]> =>
      numbers(tf.multinomial(logits as tf.Tensor1D, 4000, seed));
    const drawn = await draw(5);
    const share = (value: number): number => drawn.filter((x) => x === value).length / 4000;
    expect(share(0)).toBeCloseTo(0.1, 1.5);
    expect(share(1)).toBeCloseTo(0.6, 1.5);
    const { compiled } = calls;
    expect(await draw(5)).toEqual(drawn);
    expect(await draw(6)).not.toEqual(drawn);
    expect(await draw()).not.toEqual(await draw());
    expect(calls.compiled - compiled).toBeLessThan(2); // the logarithm is known after the first
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

  test('of a graph that the runtime refuses name the operation, and harm no other value', async () => {
    const calls = await startLazyBackend();
    calls.refusedOp = 'Erf';
    const x = tf.tensor([[0, 1]]);
    const fine = tf.add(x, 1);
    const bad = tf.erf(fine);
    const worse = tf.neg(bad);
    const message =
      '"erf": ONNX Runtime could not compute it on float32 [1, 2]: compile: ONNX Runtime refused the graph: no Erf here';
    await expect(worse.data()).rejects.toThrow(message);
    await expect(bad.data()).rejects.toMatchObject({ code: 'TFJS_ONNX_RUNTIME' });
    expect(await numbers(fine)).toEqual([1, 2]);
    await expect(tf.exp(worse).data()).rejects.toThrow(message);
    expect(() => bad.dataSync()).toThrow(message);
    calls.refusedOp = null;
    expect((await numbers(tf.erf(x)))[0]).toBeCloseTo(0);
    expect(lazyMemory().numPendingOperations).toBe(0);
  });

  test.each([true, false])(
    'of a provider that fails in the middle of a run reach the read (runs in order: %s)',
    async (chained) => {
      const calls = await startLazyBackend({ flushAfter: 1, chained });
      const x = tf.tensor([1, 2]);
      const before = await numbers(tf.mul(x, 3));
      calls.failRun = 'device lost';
      const y = tf.mul(x, 4);
      await Promise.resolve(); // y and z are batches of their own
      const z = tf.add(y, 1);
      await expect(z.data()).rejects.toThrow(
        '"mul" (kernel Multiply): ONNX Runtime could not compute it on float32 [2] and float32 []: device lost',
      );
      calls.failRun = null;
      await expect(y.data()).rejects.toMatchObject({ code: 'TFJS_ONNX_RUNTIME' });
      expect(await numbers(tf.mul(x, 3))).toEqual(before);
      expect(lazyMemory().numCompiledGraphs).toBeGreaterThan(0);
    },
  );

  test('of too little memory say so', async () => {
    const calls = await startLazyBackend();
    calls.failRun = 'Failed to allocate memory for requested buffer of size 4000';
    await expect(tf.add(tf.tensor([1]), 1).data()).rejects.toMatchObject({
      code: 'TFJS_ONNX_MEMORY',
      message: expect.stringContaining(
        '"add": ONNX Runtime could not compute it on float32 [1] and float32 []: Failed to allocate memory',
      ) as string,
      hint: expect.stringContaining('smaller batches') as string,
    });
  });

  test('of a run that fails once are mended, with a warning', async () => {
    const calls = await startLazyBackend();
    const warned = vi.spyOn(console, 'warn').mockImplementation(() => {});
    const x = tf.tensor([1, 2]);
    Object.assign(calls, { failRun: 'busy', failures: 1 });
    const read = tf.neg(tf.add(x, 1)).data();
    expect([...(await read)]).toEqual([-2, -3]);
    expect(warned).toHaveBeenCalledWith(
      'onnxruntime backend: a graph of 2 operations failed as a whole and was computed one operation at a time, which is slow: busy',
    );
  });

  test('of a runtime that is not there leave the backend unset', async () => {
    const warned = vi.spyOn(console, 'warn').mockImplementation(() => {});
    const create = (): Promise<never> => Promise.reject(new Error('no library'));
    registerOnnxRuntimeBackend({
      ort: { InferenceSession: { create } } as unknown as OrtModule,
    });
    expect(await tf.setBackend('onnxruntime')).toBe(false);
    expect(warned.mock.calls.flat().join()).toContain('ONNX Runtime refused the graph: no library');
  });
});
