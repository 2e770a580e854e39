import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import * as ort from 'onnxruntime-node';
import { beforeAll, expect, test } from 'vitest';
import { createNode, type Value } from '../graph/graph.js';
import { encodeModel } from '../onnx/encode-model.js';
import { OnnxGraphBuilder, type OnnxValue } from '../onnx/onnx-graph.js';
import { convGeometry, type ConvAttrs } from './conv-geometry.js';
import { inChunks, plansFor } from './conv2d-filter-gradient.js';
import { filterGradientPerImage, perImageForms } from './filter-gradient-per-image.js';
import { Lowering } from './lowering.js';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

/** Emits the gradient, with copies of about `chunkBytes` at once. */
type Gradient = (l: Lowering, x: Value, dy: Value, chunkBytes: number) => OnnxValue;

const cases: readonly [string, readonly number[], readonly number[], ConvAttrs][] = [
  ['valid', [5, 7, 6, 3], [3, 2, 3, 4], { strides: 1, pad: 'valid' }],
  ['same', [5, 6, 7, 2], [5, 3, 2, 3], { strides: 1, pad: 'same' }],
  ['padding beyond the kernel', [5, 4, 4, 2], [2, 2, 2, 3], { strides: 1, pad: 2 }],
  ['stride 2 that leaves rows unread', [5, 8, 7, 2], [3, 3, 2, 3], { strides: 2, pad: 'valid' }],
  ['stride 3 x 2, padded', [5, 8, 9, 2], [3, 4, 2, 2], { strides: [3, 2], pad: 1 }],
];

const runs = cases.flatMap(([name, xShape, filterShape, attrs]) => {
  const g = convGeometry(xShape, filterShape, attrs);
  const forms: [string, Gradient][] = [
    ...plansFor(g).map((plan, form): [string, Gradient] => [
      `form ${form}`,
      (l, x, dy, chunkBytes) => inChunks(l, g, x, dy, plan, chunkBytes),
    ]),
    ...perImageForms(g).map((form, at): [string, Gradient] => [
      `per image, form ${at}`,
      (l, x, dy, chunkBytes) => filterGradientPerImage(l, g, x, dy, form, chunkBytes),
    ]),
  ];
  return forms.map(([form, gradient]) => ({ name, form, g, gradient, attrs, filterShape }));
});

test.each(runs)('$name, $form', async ({ g, gradient, attrs, filterShape }) => {
  const images = numbers([g.batch, ...g.input, g.inChannels], 1);
  const gradients = numbers([g.batch, ...g.output, g.outChannels], 2);
  const want = tf.tidy(() =>
    tf
      .engine()
      .runKernel<tf.Tensor>(
        'Conv2DBackpropFilter',
        { x: tf.tensor(images.data, images.shape), dy: tf.tensor(gradients.data, gradients.shape) },
        { ...attrs, dataFormat: 'NHWC', filterShape: [...filterShape] } as tf.NamedAttrMap,
      )
      .dataSync<'float32'>(),
  );
  // One chunk, and as many as there are images.
  for (const chunkBytes of [2 ** 30, 1]) {
    const got = await run((l, x, dy) => gradient(l, x, dy, chunkBytes), images, gradients);
    expect(got).toHaveLength(want.length);
    want.forEach((value, i) => expect(got[i]).toBeCloseTo(value, 3));
  }
});

interface Numbers {
  readonly shape: number[];
  readonly data: Float32Array;
}

async function run(
  gradient: (l: Lowering, x: Value, dy: Value) => OnnxValue,
  images: Numbers,
  gradients: Numbers,
): Promise<Float32Array> {
  const builder = new OnnxGraphBuilder({ shareShapes: true });
  const lowering = new Lowering(builder, { anyBatch: false, target: 'cpu' });
  const input = (name: string, { shape }: Numbers): [Value, OnnxValue] => {
    const node = createNode('Input', '', {}, { name }, [{ shape, dtype: 'float32' }]);
    const onnx: OnnxValue = { name, shape, dtype: 'float32' };
    lowering.set(node.outputs[0]!, onnx);
    return [node.outputs[0]!, onnx];
  };
  const [x, xOnnx] = input('x', images);
  const [dy, dyOnnx] = input('dy', gradients);
  const result = gradient(lowering, x, dy);
  const inputs = [xOnnx, dyOnnx];
  const graph = {
    inputs,
    outputs: [result],
    nodes: builder.nodes,
    initializers: builder.initializers,
  };
  const session = await ort.InferenceSession.create(
    encodeModel(graph, { name: 'form', inputs, outputs: [result] }),
  );
  const results = await session.run({
    x: new ort.Tensor('float32', images.data, images.shape),
    dy: new ort.Tensor('float32', gradients.data, gradients.shape),
  });
  await session.release();
  return results[result.name]?.data as Float32Array;
}

function numbers(shape: number[], seed: number): Numbers {
  const size = shape.reduce((a, b) => a * b, 1);
  return {
    shape,
    data: Float32Array.from({ length: size }, (_, i) => Math.sin(i * 1.7 + seed * 0.9)),
  };
}
