import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import * as ort from 'onnxruntime-node';
import { beforeAll, describe, expect, test } from 'vitest';
import '../gradients/index.js';
import { compile } from '../compile.js';
import type { Target } from '../lowerings/lowering.js';
import type { TensorFunction } from '../tensor-function.js';
import { trace } from '../tracer/trace.js';
import { estimateCost } from './estimate-cost.js';
import { simplify } from './simplify.js';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

interface Case {
  readonly groups: number;
  readonly channels: number;
  readonly out: number;
  readonly kernel: number;
  readonly strides?: number;
  readonly dilations?: number;
  readonly pad?: 'same' | 'valid';
}

/** Grouped as programs on tfjs write it. */
function grouped(x: tf.Tensor, w: tf.Tensor, c: Case): tf.Tensor {
  const filters = tf.split<tf.Tensor4D>(w as tf.Tensor4D, c.groups, 3);
  const parts = tf
    .split<tf.Tensor4D>(x as tf.Tensor4D, c.groups, 3)
    .map((part, i) =>
      tf.conv2d(part, filters[i]!, c.strides ?? 1, c.pad ?? 'same', 'NHWC', c.dilations ?? 1),
    );
  return tf.concat(parts, 3);
}

/** The result with a bias, and the gradients of a sum of it that weighs every number otherwise. */
function withGradients(c: Case): TensorFunction {
  return ({ x, w, bias, weights }) => {
    const loss = (a: tf.Tensor, b: tf.Tensor): tf.Scalar =>
      tf.sum(tf.mul(weights!, grouped(a, b, c)));
    const [dx, dw] = tf.grads(loss)([x!, w!]);
    return { y: tf.add(grouped(x!, w!, c), bias!), dx: dx!, dw: dw! };
  };
}

function numbers(shape: readonly number[], seed: number): Float32Array {
  let state = seed * 2654435761 + 12345;
  return Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  });
}

function shapesOf(c: Case): Record<'x' | 'w' | 'bias' | 'weights', number[]> {
  const shape = [2, 7, 6, c.channels];
  const w = [c.kernel, c.kernel, c.channels / c.groups, c.out];
  const y = grouped(tf.zeros(shape), tf.zeros(w), c).shape;
  return { x: shape, w, bias: [c.out], weights: y };
}

const kernelsOf = (fn: TensorFunction, shapes: Record<string, number[]>): string[] =>
  simplify(trace(fn, { inputs: specsOf(shapes) })).nodes.map(({ kernel }) => kernel);

const specsOf = (
  shapes: Record<string, number[]>,
): Record<string, { shape: number[]; dtype: 'float32' }> =>
  Object.fromEntries(
    Object.entries(shapes).map(([name, shape]) => [name, { shape, dtype: 'float32' as const }]),
  );

describe('convolutions of parts', () => {
  const cases: readonly [string, Case][] = [
    ['2 groups', { groups: 2, channels: 4, out: 6, kernel: 3 }],
    ['3 groups, strides of 2', { groups: 3, channels: 6, out: 3, kernel: 3, strides: 2 }],
    ['strides of 2, valid', { groups: 2, channels: 4, out: 4, kernel: 2, strides: 2, pad: 'valid' }], // prettier-ignore
    ['dilated', { groups: 2, channels: 4, out: 2, kernel: 3, dilations: 2 }],
    ['as many groups as channels', { groups: 4, channels: 4, out: 8, kernel: 3 }],
    ['groups of 16 channels, which go into blocks', { groups: 2, channels: 32, out: 32, kernel: 5 }], // prettier-ignore
    ['groups of 32 into 16', { groups: 2, channels: 64, out: 32, kernel: 3 }],
  ];
  const targets: readonly Target[] = ['cpu', 'portable'];
  for (const target of targets)
    test.each(cases)(`give tfjs’s numbers as one convolution, ${target}: %s`, async (_, c) => {
      const shapes = shapesOf(c);
      const fn = withGradients(c);
      const feeds = Object.fromEntries(
        Object.entries(shapes).map(([name, shape], i) => [
          name,
          { shape, dtype: 'float32' as const, data: numbers(shape, i + 1) },
        ]),
      );
      const program = await compile(fn, {
        ort,
        inputs: specsOf(shapes),
        target,
        sessionOptions: { intraOpNumThreads: 1 },
      });
      const got = await program.run(feeds);
      await program.dispose();
      const want = fn(
        Object.fromEntries(
          Object.entries(feeds).map(([name, { shape, data }]) => [name, tf.tensor(data, shape)]),
        ),
      );
      for (const [name, tensor] of Object.entries(want)) {
        const [a, b] = [got[name]!.data as Float32Array, tensor.dataSync()];
        expect(got[name]!.dims).toEqual(tensor.shape);
        for (let i = 0; i < b.length; i++)
          expect(Math.abs(a[i]! - b[i]!), `${name}[${i}]`).toBeLessThan(
            1e-4 * (1 + Math.abs(b[i]!)),
          );
      }
    });

  test('leave one convolution with groups for the result, and one for the gradient of the image', () => {
    const c = { groups: 3, channels: 6, out: 9, kernel: 3 };
    const kernels = kernelsOf(withGradients(c), shapesOf(c));
    expect(kernels.filter((name) => name.startsWith('GroupedConv2D')).toSorted()).toEqual([
      'GroupedConv2D',
      'GroupedConv2DBackpropInput',
    ]);
    expect(kernels).not.toContain('Conv2D');
    expect(kernels).not.toContain('Conv2DBackpropInput');
    // The bias went into the convolution.
    expect(kernels).not.toContain('Add');
  });

  test('cost what their parts cost', () => {
    const c = { groups: 2, channels: 4, out: 6, kernel: 3 };
    const { x, w } = shapesOf(c);
    const graph = trace(({ x: image, w: filter }) => ({ y: grouped(image!, filter!, c) }), {
      inputs: specsOf({ x, w }),
    });
    expect(estimateCost(graph).flop).toBe(2 * (2 * 7 * 6 * 6) * 9 * 2); // 2 · outputs · taps · channels in of a group
  });

  const shapes = { x: [1, 4, 4, 4], w: [3, 3, 2, 4], v: [3, 3, 2, 2], u: [1, 1, 2, 2] };
  const conv = (x: tf.Tensor, w: tf.Tensor): tf.Tensor =>
    tf.conv2d(x as tf.Tensor4D, w as tf.Tensor4D, 1, 'same');
  const halves = (x: tf.Tensor): [tf.Tensor, tf.Tensor] =>
    tf.split(x, 2, 3) as [tf.Tensor, tf.Tensor];
  test('with filters that are tensors of their own are joined as well', () => {
    const fn: TensorFunction = ({ x, v }) => {
      const [a, b] = halves(x!);
      return { y: tf.concat([conv(a, v!), conv(b, tf.neg(v!))], 3) };
    };
    expect(kernelsOf(fn, shapes)).toContain('GroupedConv2D');
  });

  const left: readonly [string, TensorFunction][] = [
    [
      'in another order',
      ({ x, v }) => {
        const [a, b] = halves(x!);
        return { y: tf.concat([conv(b, v!), conv(a, v!)], 3) };
      },
    ],
    [
      'of unequal kernels',
      ({ x, v, u }) => {
        const [a, b] = halves(x!);
        return { y: tf.concat([conv(a, v!), conv(b, u!)], 3) };
      },
    ],
    [
      'of a part of the channels only',
      ({ x, v }) => {
        const [a] = halves(x!);
        return { y: tf.concat([conv(a, v!), conv(a, tf.neg(v!))], 3) };
      },
    ],
    [
      'joined along another axis',
      ({ x, v }) => {
        const [a, b] = halves(x!);
        return { y: tf.concat([conv(a, v!), conv(b, v!)], 2) };
      },
    ],
    [
      'split along another axis',
      ({ x, v }) => {
        const parts = tf.split(tf.slice(x!, [0, 0, 0, 0], [1, 4, 4, 2]), 2, 1);
        return { y: tf.concat(parts.map((part) => conv(part, v!)), 3) }; // prettier-ignore
      },
    ],
  ];
  test.each(left)('stay as they are if they are no groups: %s', (_, fn) => {
    const kernels = kernelsOf(fn, shapes);
    expect(kernels.filter((name) => name.startsWith('Grouped'))).toEqual([]);
    expect(kernels.filter((name) => name === 'Conv2D')).toHaveLength(2);
  });
});
