import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import * as ort from 'onnxruntime-node';
import { beforeAll, expect, test } from 'vitest';
import { createNode, type Value } from '../graph/graph.js';
import { findBlock } from '../onnx/blocked-convolution.js';
import { encodeModel } from '../onnx/encode-model.js';
import { OnnxGraphBuilder, type OnnxValue } from '../onnx/onnx-graph.js';
import { convGeometry, type ConvAttrs, type ConvGeometry } from './conv-geometry.js';
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
  ['dilated', [5, 7, 8, 2], [3, 2, 2, 3], { strides: 1, dilations: 2, pad: 'same' }],
  ['taps on padding alone', [5, 1, 2, 3], [3, 3, 3, 2], { strides: 1, pad: 1 }],
  ['more images than a block has channels', [18, 4, 3, 2], [3, 3, 2, 17], { strides: 1, pad: 1 }],
  ['many images, strided', [18, 6, 6, 2], [3, 3, 2, 3], { strides: 2, pad: 'valid' }],
  ['many images, dilated', [18, 5, 4, 2], [2, 3, 2, 3], { strides: 1, dilations: 2, pad: 'same' }],
  ['many images, taps on padding alone', [18, 1, 2, 3], [3, 3, 3, 2], { strides: 1, pad: 1 }],
];

/** As convolutions on blocked kernels are tried where the runtime has some. */
const block = await findBlock(ort);

const runs = cases.flatMap(([name, xShape, filterShape, attrs]) => {
  const g = convGeometry(xShape, filterShape, attrs);
  const forms: [string, Gradient][] = [
    ...plansFor(g, block).map((plan, form): [string, Gradient] => [
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
  const dilated = g.dilations.some((step) => step !== 1); // tfjs passes dilations over
  const want = dilated
    ? summed(g, images, gradients)
    : byTfjs(attrs, filterShape, images, gradients);
  // One chunk, and as many as there are images.
  for (const chunkBytes of [2 ** 30, 1]) {
    const got = await run((l, x, dy) => gradient(l, x, dy, chunkBytes), images, gradients);
    expect(got).toHaveLength(want.length);
    want.forEach((value, i) => expect(got[i]).toBeCloseTo(value, 3));
  }
});

function byTfjs(
  attrs: ConvAttrs,
  filterShape: readonly number[],
  images: Numbers,
  gradients: Numbers,
): Float32Array {
  return tf.tidy(() =>
    tf
      .engine()
      .runKernel<tf.Tensor>(
        'Conv2DBackpropFilter',
        { x: tf.tensor(images.data, images.shape), dy: tf.tensor(gradients.data, gradients.shape) },
        { ...attrs, dataFormat: 'NHWC', filterShape: [...filterShape] } as tf.NamedAttrMap,
      )
      .dataSync<'float32'>(),
  );
}

/** By the formula, number by number. */
function summed(g: ConvGeometry, images: Numbers, gradients: Numbers): Float32Array {
  const at = ({ shape, data }: Numbers, b: number, y: number, x: number, c: number): number => {
    const [, height = 1, width = 1, channels = 1] = shape;
    const inside = y >= 0 && y < height && x >= 0 && x < width;
    return inside ? (data[((b * height + y) * width + x) * channels + c] ?? 0) : 0;
  };
  const sums: number[] = [];
  for (let row = 0; row < g.kernel[0]; row++)
    for (let column = 0; column < g.kernel[1]; column++)
      for (let i = 0; i < g.inChannels; i++)
        for (let o = 0; o < g.outChannels; o++) {
          let sum = 0;
          for (let b = 0; b < g.batch; b++)
            for (let y = 0; y < g.output[0]; y++)
              for (let x = 0; x < g.output[1]; x++) {
                const top = g.strides[0] * y + g.dilations[0] * row - g.before[0];
                const left = g.strides[1] * x + g.dilations[1] * column - g.before[1];
                sum += at(images, b, top, left, i) * at(gradients, b, y, x, o);
              }
          sums.push(sum);
        }
  return Float32Array.from(sums);
}

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
  const lowering = new Lowering(builder, { anyBatch: false, target: 'cpu', block });
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
