import { sizeOf, type TensorType } from '../graph/graph.js';
import type { OnnxValue } from '../onnx/onnx-graph.js';
import { transposedAttrs } from './conv2d.js';
import {
  convAttrs,
  convFlop,
  poolGeometry,
  type ConvAttrs,
  type WindowGeometry,
} from './conv-geometry.js';
import { defineKernel, operand, result, type Kernel } from './kernel.js';
import type { Lowering } from './lowering.js';

type PoolAttrs = ConvAttrs & { readonly filterSize: [number, number] | number };

/** Largest and mean values of windows, and the gradients. Padding counts for neither. */
export const pools: readonly Kernel[] = [
  pool('MaxPool', 'MaxPool'),
  pool('AvgPool', 'AveragePool'),
  defineKernel<PoolAttrs>({
    name: 'MaxPoolGrad',
    infer: (call): TensorType => operand(call, 'input'),
    lower: (node, l) => {
      const g = poolGeometry(operand(node, 'input').shape, node.attrs);
      l.set(
        result(node),
        maxGradient(l, g, l.nchw(operand(node, 'input')), l.nchw(operand(node, 'dy'))),
        'nchw',
      );
    },
  }),
  defineKernel<PoolAttrs>({
    name: 'AvgPoolGrad',
    infer: (call): TensorType => operand(call, 'input'),
    lower: (node, l) => {
      const g = poolGeometry(operand(node, 'input').shape, node.attrs);
      l.set(result(node), meanGradient(l, g, l.nchw(operand(node, 'dy'))), 'nchw');
    },
    flop: (node) => convFlop(poolGeometry(operand(node, 'input').shape, node.attrs), true),
  }),
  defineKernel<PoolAttrs & { includeBatchInIndex: boolean }>({
    name: 'MaxPoolWithArgmax',
    infer: (call): TensorType[] => {
      const x = operand(call, 'x');
      const shape = poolGeometry(x.shape, call.attrs).outShape;
      return [
        { shape, dtype: x.dtype },
        { shape, dtype: 'int32' },
      ];
    },
    lower: (node, l) => {
      const x = operand(node, 'x');
      const [largest, places] = node.outputs;
      if (largest === undefined || places === undefined) throw new Error('two outputs');
      const g = poolGeometry(x.shape, node.attrs);
      const { values, indices } = maxPool(l, g, l.cast(l.nchw(x), 'float32'));
      l.set(largest, l.cast(values, largest.dtype), 'nchw');
      const withBatch = node.attrs.includeBatchInIndex;
      l.set(places, l.cast(channelsLastIndex(l, g, indices, withBatch), 'int32'), 'nchw');
    },
  }),
];

function pool(name: string, op: string): Kernel {
  return defineKernel<PoolAttrs>({
    name,
    infer: (call): TensorType => {
      const x = operand(call, 'x');
      return { shape: poolGeometry(x.shape, call.attrs).outShape, dtype: x.dtype };
    },
    lower: (node, l) => {
      const [x, out] = [operand(node, 'x'), result(node)];
      const g = poolGeometry(x.shape, node.attrs);
      const type = { shape: [g.batch, g.outChannels, ...g.output], dtype: 'float32' as const };
      const pooled = l.emit(
        op,
        [l.cast(l.nchw(x), 'float32')],
        convAttrs(g, { dilations: false }),
        type,
      );
      l.set(out, l.cast(pooled, out.dtype), 'nchw');
    },
    flop: (node) => convFlop(poolGeometry(operand(node, 'x').shape, node.attrs), true),
  });
}

/** Largest values, and where each is in the whole tensor with channels first. */
function maxPool(
  l: Lowering,
  g: WindowGeometry,
  x: OnnxValue,
): { values: OnnxValue; indices: OnnxValue } {
  const shape = [g.batch, g.inChannels, ...g.output];
  const [values, indices] = l.emitAll('MaxPool', [x], convAttrs(g, { dilations: false }), [
    { shape, dtype: 'float32' },
    { shape, dtype: 'int64' },
  ]);
  if (values === undefined || indices === undefined) throw new Error('no indices');
  return { values, indices };
}

/** From places in [B, C, H, W] to those in [B, H, W, C], or in [H, W, C] of each image. */
function channelsLastIndex(
  l: Lowering,
  g: WindowGeometry,
  indices: OnnxValue,
  withBatch: boolean,
): OnnxValue {
  const [pixels, channels] = [sizeOf(g.input), g.inChannels].map((size) => l.scalar(size, 'int64'));
  if (pixels === undefined || channels === undefined) throw new Error('two sizes');
  const planes = l.map('Div', [indices, pixels]); // b · C + c
  const pixel = l.map('Mod', [indices, pixels]);
  const channel = l.map('Mod', [planes, channels]);
  const image = l.map('Div', [planes, channels]);
  const row = withBatch ? l.map('Add', [l.map('Mul', [image, pixels]), pixel]) : pixel;
  return l.map('Add', [l.map('Mul', [row, channels]), channel]);
}

/** Send each gradient to the place that its window's largest value came from; the first one of equals, as in tfjs. */
export function maxGradient(
  l: Lowering,
  g: WindowGeometry,
  x: OnnxValue,
  dy: OnnxValue,
): OnnxValue {
  const { indices } = maxPool(l, g, x);
  const image = [g.batch, g.inChannels, ...g.input];
  const count = image.reduce((a, b) => a * b, 1);
  const results = dy.shape.reduce((a, b) => a * b, 1);
  const zeros = l.expand(l.scalar(0, 'float32'), [count]);
  const inputs = [zeros, l.reshape(indices, [results]), l.reshape(dy, [results])];
  const scattered = l.emit(
    'ScatterElements',
    inputs,
    { axis: 0, reduction: 'add' },
    { shape: [count], dtype: 'float32' },
  );
  return l.reshape(scattered, image);
}

/** Spread each gradient evenly over the part of its window that lies on the image. */
export function meanGradient(l: Lowering, g: WindowGeometry, dy: OnnxValue): OnnxValue {
  const share = l.map('Mul', [dy, l.constant([1, 1, ...g.output], 'float32', windowShares(g))]);
  const type = { shape: [g.batch, g.inChannels, ...g.input], dtype: 'float32' as const };
  const tiled = g.kernel.every(
    (size, i) => size === g.strides[i] && g.before[i] === 0 && g.after[i] === 0,
  );
  if (tiled) {
    const cells = l.reshape(share, [
      g.batch,
      g.inChannels,
      ...g.output.flatMap((size) => [size, 1]),
    ]);
    const windows = g.output.flatMap((size, i) => [size, g.kernel[i] ?? 1]);
    return l.reshape(l.expand(cells, [g.batch, g.inChannels, ...windows]), type.shape);
  }
  const ones = l.expand(l.scalar(1, 'float32'), [g.inChannels, 1, ...g.kernel]);
  return l.emit(
    'ConvTranspose',
    [share, ones],
    { ...transposedAttrs(g), group: g.inChannels },
    type,
  );
}

/** One over the number of positions that each window covers. */
function windowShares(g: WindowGeometry): Float32Array {
  const covered = (axis: number, at: number): number => {
    const [stride = 1, before = 0] = [g.strides[axis], g.before[axis]];
    const start = at * stride - before;
    return Math.min(start + (g.kernel[axis] ?? 1), g.input[axis] ?? 1) - Math.max(0, start);
  };
  const shares = new Float32Array(sizeOf(g.output));
  return shares.map((_, i) => {
    let rest = i;
    let count = 1;
    for (let axis = g.output.length - 1; axis >= 0; axis--) {
      const size = g.output[axis] ?? 1;
      count *= covered(axis, rest % size);
      rest = Math.floor(rest / size);
    }
    return 1 / count;
  });
}
