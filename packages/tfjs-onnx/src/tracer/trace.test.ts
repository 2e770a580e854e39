import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test } from 'vitest';
import '../gradients/index.js';
import type { TensorFunction } from '../tensor-function.js';
import type { TfjsOnnxErrorCode } from '../tfjs-onnx-error.js';
import { trace } from './trace.js';

const inputs = { x: { shape: [2, 3], dtype: 'float32' } } as const;

beforeAll(async () => {
  await tf.setBackend('cpu');
});

describe('a trace', () => {
  test('records kernels with shapes, types and the calling operation', () => {
    const graph = trace(({ x }) => ({ y: tf.sum(tf.relu(x!), 1) }), { inputs });
    expect(graph.nodes.map(({ kernel, op }) => [kernel, op])).toEqual([
      ['Input', ''],
      ['Relu', 'relu'],
      ['Sum', 'sum'],
    ]);
    expect(graph.outputs.map(({ name, value }) => [name, value.shape, value.dtype])).toEqual([
      ['y', [2], 'float32'],
    ]);
  });

  test('leaves out what no output needs', () => {
    const graph = trace(
      ({ x }) => {
        tf.exp(x!);
        return { y: tf.neg(x!) };
      },
      { inputs },
    );
    expect(graph.nodes.map(({ kernel }) => kernel)).toEqual(['Input', 'Neg']);
  });

  test('stores a tensor of equal numbers as one number', () => {
    const graph = trace(
      ({ x }) => ({ y: tf.add(x!, tf.slice(tf.ones([1000, 3]), [0, 0], [2, 3])) }),
      { inputs },
    );
    expect(graph.nodes.some(({ kernel }) => kernel === 'Constant')).toBe(false);
    expect(graph.nodes.find(({ kernel }) => kernel === 'Fill')?.attrs).toMatchObject({
      shape: [1000, 3],
      value: 1,
    });
  });

  test('shows a uint8 input as int32', () => {
    const graph = trace(({ image }) => ({ y: image! }), {
      inputs: { image: { shape: [4], dtype: 'uint8' } },
    });
    expect(graph.inputs[0]?.value.dtype).toBe('int32');
    expect(graph.outputs[0]?.dtype).toBe('int32');
  });

  test.each<[string, TensorFunction]>([
    ['when it succeeds', ({ x }) => ({ y: tf.neg(x!) })],
    ['with gradients', ({ x }) => ({ y: tf.grad((t) => tf.sum(tf.square(t)))(x!) })],
    [
      'when it fails',
      ({ x }) => {
        tf.exp(x!);
        throw new Error('mine');
      },
    ],
    [
      'when it fails inside of a gradient',
      ({ x }) => ({
        y: tf.grad((t) => {
          tf.sum(tf.square(t)).dataSync();
          return tf.sum(t);
        })(x!),
      }),
    ],
    ['when it keeps tensors', ({ x }) => ({ y: tf.keep(tf.neg(x!)) })],
    ['when it makes variables', ({ x }) => ({ y: tf.variable(x!) })],
  ])('leaves tfjs as it was: %s', (_name, fn) => {
    const kept = tf.tensor1d([1, 2]);
    const before = { ...tf.memory(), variables: Object.keys(tf.engine().registeredVariables) };
    try {
      trace(fn, { inputs });
    } catch {
      // Only what is left behind matters here.
    }
    expect(tf.getBackend()).toBe('cpu');
    expect({ ...tf.memory(), variables: Object.keys(tf.engine().registeredVariables) }).toEqual(
      before,
    );
    expect(tf.engine().backendNames()).not.toContain('lapyra-trace');
    expect([...tf.neg(kept).dataSync()]).toEqual([-1, -2]);
    kept.dispose();
  });

  test('works before any backend was chosen, and chooses none', () => {
    const tfjs = tf.engine();
    const saved = tfjs.backendName;
    // What tfjs looks like right after its import.
    Object.assign(tfjs, { backendName: undefined });
    expect(trace(({ x }) => ({ y: tf.neg(x!) }), { inputs }).nodes).toHaveLength(2);
    expect(tfjs.backendName ?? null).toBeNull();
    void tf.setBackend(saved);
  });
});

describe('a trace refuses', () => {
  let flips = 0;
  const outside = (): tf.Tensor => tf.tensor2d([[1, 2, 3]]);
  const cases: readonly [string, TensorFunction, TfjsOnnxErrorCode, string][] = [
    [
      'reading values',
      ({ x }) => ({ y: tf.mul(x!, tf.sum(tf.exp(x!)).dataSync()[0]!) }),
      'TFJS_ONNX_READ_VALUES',
      'The function reads the values of the result of "sum", which do not exist while it is traced.',
    ],
    [
      'reading values later',
      ({ x }) => {
        void tf.exp(x!).data();
        return { y: x! };
      },
      'TFJS_ONNX_READ_VALUES',
      'The function reads the values of the result of "exp", which do not exist while it is traced.',
    ],
    [
      'hidden randomness',
      ({ x }) => ({ y: tf.add(x!, tf.randomUniform([2, 3])) }),
      'TFJS_ONNX_HIDDEN_RANDOMNESS',
      '"randomUniform": expected the same values each time the function is traced, got different ones.',
    ],
    [
      'dropout',
      ({ x }) => ({ y: tf.dropout(x!, 0.5) }),
      'TFJS_ONNX_HIDDEN_RANDOMNESS',
      'expected the same values each time',
    ],
    [
      'numbers drawn in JavaScript',
      ({ x }) => ({ y: tf.mul(x!, Math.random()) }),
      'TFJS_ONNX_HIDDEN_RANDOMNESS',
      '"mul": expected the same values each time',
    ],
    [
      'choices drawn in JavaScript',
      ({ x }) => {
        const list = [tf.exp(x!), tf.neg(x!)];
        flips += 1;
        return { y: tf.add(list[flips % 2]!, list[0]!), z: list[1]! };
      },
      'TFJS_ONNX_HIDDEN_RANDOMNESS',
      '"add": expected the same values each time',
    ],
    [
      'a kernel without a translation',
      ({ x }) => ({ y: tf.unique(x!, 1).values }),
      'TFJS_ONNX_UNSUPPORTED_KERNEL',
      '"unique": the kernel Unique has no translation to ONNX: the number of different values depends on values.',
    ],
    [
      'a type without a translation',
      ({ x }) => ({ y: tf.real(tf.cast(x!, 'complex64')) }),
      'TFJS_ONNX_UNSUPPORTED_DTYPE',
      '"cast": expected float32, int32 or bool, got complex64.',
    ],
    [
      'variables',
      ({ x }) => ({ y: tf.add(tf.variable(x!, true, 'mine'), 1) }),
      'TFJS_ONNX_VARIABLE',
      'the function makes the variable "mine".',
    ],
    [
      'tensors that are kept',
      ({ x }) => ({ y: tf.add(tf.keep(tf.neg(x!)), 1) }),
      'TFJS_ONNX_ESCAPED_TENSOR',
      'expected no tensor to outlive the function, got 1.',
    ],
    [
      'a trace inside of a trace',
      ({ x }) => {
        trace(({ z }) => ({ z: z! }), { inputs: { z: { shape: [1], dtype: 'float32' } } });
        return { y: x! };
      },
      'TFJS_ONNX_NESTED_TRACE',
      'expected no trace to be running, got one inside another.',
    ],
    [
      'asynchronous functions',
      (async ({ x }: Readonly<Record<string, tf.Tensor>>) => {
        await Promise.resolve();
        return { y: x! };
      }) as unknown as TensorFunction,
      'TFJS_ONNX_ASYNC_FUNCTION',
      'expected a synchronous function, got a promise.',
    ],
    [
      'a bare tensor as result',
      (({ x }: Readonly<Record<string, tf.Tensor>>) => tf.neg(x!)) as unknown as TensorFunction,
      'TFJS_ONNX_BAD_OUTPUT',
      'expected the function to return a record of named tensors.',
    ],
    [
      'results that are no tensors',
      (() => ({ y: 3 })) as unknown as TensorFunction,
      'TFJS_ONNX_BAD_OUTPUT',
      'output "y": expected a tensor, got number.',
    ],
    [
      'a number of boxes that depends on values',
      ({ x }) => ({
        y: tf.image.nonMaxSuppressionPadded(
          tf.slice(tf.tile(x!, [1, 4]), [0, 0], [1, 4]) as tf.Tensor2D,
          [1],
          1,
        )['selectedIndices']!,
      }),
      'TFJS_ONNX_UNSUPPORTED_ATTRIBUTE',
      'padToMaxOutputSize false, where the number of boxes depends on values, is not supported.',
    ],
    [
      'matrices that do not fit',
      () => ({
        y: tf
          .engine()
          .runKernel<tf.Tensor>(
            'BatchMatMul',
            { a: tf.zeros([2, 3]), b: tf.zeros([2, 3]) },
            { transposeA: false, transposeB: false },
          ),
      }),
      'TFJS_ONNX_BAD_INPUT',
      'expected matrices whose inner sizes agree, got [2, 3] and [2, 3].',
    ],
    [
      'parts that do not fit',
      () => ({ y: tf.concat([tf.zeros([2, 3]), tf.zeros([3, 3])], 1) }),
      'TFJS_ONNX_BAD_INPUT',
      '"concat": Error in concat2D: Shape of tensors[1] (3,3) does not match the shape of the rest (2,3) along the non-concatenated axis 1.',
    ],
    [
      'a slice beyond the end',
      () => ({ y: tf.slice(tf.zeros([2, 3]), [0, 2], [2, 2]) }),
      'TFJS_ONNX_BAD_INPUT',
      '"slice": Error in slice2D: begin[1] + size[1] (4) would overflow input.shape[1] (3)',
    ],
    [
      'an axis that does not exist',
      () => ({ y: tf.reverse(tf.zeros([2, 3]), 2) }),
      'TFJS_ONNX_BAD_INPUT',
      '"reverse": All values in axis param must be in range [-2, 2) but got axis 2',
    ],
    [
      'an equation that says nothing',
      ({ x }) => ({ y: tf.einsum('ij,jk', x!, x!) }),
      'TFJS_ONNX_BAD_INPUT',
      '"einsum": Equations without an arrow are not supported.',
    ],
  ];
  test.each(cases)('%s', (_name, fn, code, message) => {
    const run = (): unknown => trace(fn, { inputs });
    expect(run).toThrow(expect.objectContaining({ code }));
    expect(run).toThrow(message);
  });

  test('tensors made outside of the function, and leaves them usable', () => {
    const table = outside();
    const run = (): unknown => trace(({ x }) => ({ y: tf.mul(x!, table) }), { inputs });
    expect(run).toThrow(
      '"mul": expected tensors made from the function\'s inputs, got one of shape [1, 3] made outside of the function.',
    );
    expect(run).toThrow(
      expect.objectContaining({ hint: expect.stringContaining('named input') as unknown }),
    );
    expect([...table.dataSync()]).toEqual([1, 2, 3]);
    table.dispose();
  });

  test('a tensor from outside as an output', () => {
    const table = outside();
    expect(() => trace(() => ({ y: table }), { inputs })).toThrow(
      'output "y": expected tensors made from',
    );
    table.dispose();
  });

  test('tensors kept from an earlier trace', () => {
    const kept: tf.Tensor[] = [];
    trace(
      ({ x }) => {
        kept.push(x!);
        return { y: x! };
      },
      { inputs },
    );
    expect(() => trace(({ x }) => ({ y: tf.add(x!, kept[0]!) }), { inputs })).toThrow(
      /disposed|made outside/,
    );
  });

  test('to start while a backend is starting, which then starts all the same', async () => {
    let ready: (backend: tf.KernelBackend) => void = () => {};
    tf.registerBackend('slow', () => new Promise((resolve) => (ready = resolve)));
    const started = tf.setBackend('slow');
    const run = (): unknown => trace(({ x }) => ({ y: tf.neg(x!) }), { inputs });
    expect(run).toThrow(
      'expected a tfjs backend that is ready or none, got one that is still starting.',
    );
    ready(new tf.KernelBackend());
    expect(await started).toBe(true);
    expect(tf.getBackend()).toBe('slow');
    await tf.setBackend('cpu');
    tf.engine().registry['slow']!.dispose = () => {};
    tf.removeBackend('slow');
  });

  test('sizes that are no whole numbers', () => {
    const wrong = { x: { shape: [2.5], dtype: 'float32' } } as const;
    expect(() => trace(({ x }) => ({ y: x! }), { inputs: wrong })).toThrow(
      'input "x": expected a whole number ≥ 0 as size of dimension 0, got 2.5.',
    );
  });

  test('a type for an output that does not exist', () => {
    expect(() => trace(({ x }) => ({ y: x! }), { inputs, outputTypes: { z: 'uint8' } })).toThrow(
      'output "z": a type was asked for, but the function returned none.',
    );
  });
});
