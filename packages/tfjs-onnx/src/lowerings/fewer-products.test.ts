import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import * as ort from 'onnxruntime-node';
import { beforeAll, describe, expect, test } from 'vitest';
import { findBlock } from '../onnx/blocked-convolution.js';
import { encodeModel } from '../onnx/encode-model.js';
import { OnnxGraphBuilder, type OnnxNode, type OnnxValue } from '../onnx/onnx-graph.js';
import { fromBlocks, toBlocks } from './blocked-layout.js';
import { bestHalvings, byHalves, type RowConvolution } from './fewer-products.js';
import { Lowering } from './lowering.js';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

interface Case {
  /** [B, H, W, in] */
  readonly x: [number, number, number, number];
  /** [kh, kw, in, out] */
  readonly filter: [number, number, number, number];
  readonly pad: [number, number, number, number];
  /** How many convolutions there should be with rows halved once, and twice. */
  readonly parts: [number, number];
}

const cases: readonly [string, Case][] = [
  ['7 × 7, same', { x: [2, 8, 6, 16], filter: [7, 7, 16, 16], pad: [3, 3, 3, 3], parts: [3, 9] }],
  ['4 × 3, valid', { x: [2, 11, 6, 16], filter: [4, 3, 16, 32], pad: [0, 0, 0, 0], parts: [3, 9] }],
  [
    '5 × 5, rows left over',
    { x: [1, 9, 7, 32], filter: [5, 5, 32, 20], pad: [2, 1, 2, 0], parts: [3, 9] },
  ],
  ['2 × 1', { x: [1, 5, 3, 16], filter: [2, 1, 16, 16], pad: [1, 0, 0, 0], parts: [3, 6] }],
  ['1 × 3', { x: [1, 6, 5, 16], filter: [1, 3, 16, 16], pad: [0, 1, 0, 1], parts: [2, 4] }],
];

describe.each([1, 2])('rows halved %i times', (halvings) => {
  test.each(cases)('%s', async (_, { x, filter, pad, parts }) => {
    const [image, weights, bias] = [numbers(x, 1), numbers(filter, 2), numbers([filter[3]], 3)];
    const [top, left, bottom, right] = pad;
    const want = tf.tidy(() => {
      const padded = tf.pad(image, [[0, 0], [top, bottom], [left, right], [0, 0]]) as tf.Tensor4D; // prettier-ignore
      const y = tf.conv2d(padded, weights as tf.Tensor4D, 1, 'valid');
      return tf.transpose(tf.add(y, bias), [0, 3, 1, 2]);
    });
    const { nodes, data } = await run(
      { image: tf.transpose(image, [0, 3, 1, 2]), filter: weights, bias },
      { pads: pad, size: [want.shape[2]!, want.shape[3]!] },
      halvings,
    );
    const all = want.dataSync<'float32'>();
    expect(data).toHaveLength(all.length);
    // The numbers are at most 1, and up to 800 products are added.
    all.forEach((value, i) => expect(Math.abs(data[i]! - value)).toBeLessThan(1e-4));
    expect(nodes.filter(({ op }) => op === 'Conv')).toHaveLength(parts[halvings - 1]!);
  });
});

test('rows are halved where that saves more than it moves', () => {
  const halvings = (x: Case['x'], filter: Case['filter'], pad: number): number => {
    const [batch, height, width, channels] = x;
    const value = onnx('image', [batch, channels, height, width]);
    const size = [height + 2 * pad - filter[0] + 1, width + 2 * pad - filter[1] + 1] as const;
    const pads = [pad, pad, pad, pad] as const;
    return bestHalvings({
      image: { value, channels },
      filter: onnx('filter', filter),
      bias: null,
      pads,
      size,
    });
  };
  expect(halvings([1, 28, 28, 64], [7, 7, 64, 64], 3)).toBe(2);
  expect(halvings([1, 28, 28, 32], [3, 3, 32, 32], 1)).toBe(0);
  expect(halvings([1, 14, 14, 64], [1, 1, 64, 64], 0)).toBe(0);
});

async function run(
  tensors: Record<'image' | 'filter' | 'bias', tf.Tensor>,
  { pads, size }: Pick<RowConvolution, 'pads' | 'size'>,
  halvings: number,
): Promise<{ nodes: OnnxNode[]; data: Float32Array }> {
  const builder = new OnnxGraphBuilder({ shareShapes: true });
  const block = await findBlock(ort);
  const lowering = new Lowering(builder, { anyBatch: false, target: 'cpu', block });
  const inputs = Object.entries(tensors).map(([name, { shape }]) => onnx(name, shape));
  const [image, filter, bias] = inputs as [OnnxValue, OnnxValue, OnnxValue];
  const blocked = { image: toBlocks(lowering, image), filter, bias, pads, size };
  const result = fromBlocks(lowering, byHalves(lowering, blocked, halvings));
  const { nodes, initializers } = builder;
  const session = await ort.InferenceSession.create(
    encodeModel(
      { inputs, outputs: [result], nodes, initializers },
      { name: 'halved', inputs, outputs: [result] },
    ),
  );
  const results = await session.run(
    Object.fromEntries(
      Object.entries(tensors).map(([name, tensor]) => [
        name,
        new ort.Tensor('float32', tensor.dataSync<'float32'>(), tensor.shape),
      ]),
    ),
  );
  await session.release();
  return { nodes, data: results[result.name]?.data as Float32Array };
}

function onnx(name: string, shape: readonly number[]): OnnxValue {
  return { name, shape, dtype: 'float32' };
}

function numbers(shape: number[], seed: number): tf.Tensor {
  const size = shape.reduce((a, b) => a * b, 1);
  return tf.tensor(
    Float32Array.from({ length: size }, (_, i) => Math.sin(i * 1.7 + seed * 0.9)),
    shape,
  );
}
