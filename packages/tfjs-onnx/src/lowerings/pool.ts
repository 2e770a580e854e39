import type { TensorType } from '../graph/graph.js';
import type { OnnxValue } from '../onnx/onnx-graph.js';
import { transposedAttrs } from './conv2d.js';
import {
  convAttrs,
  convFlop,
  poolGeometry,
  type ConvAttrs,
  type ConvGeometry,
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

/** Send each gradient to the place that its window's largest value came from; the first one of equals, as in tfjs. */
function maxGradient(l: Lowering, g: ConvGeometry, x: OnnxValue, dy: OnnxValue): OnnxValue {
  const [, indices] = l.emitAll('MaxPool', [x], convAttrs(g, { dilations: false }), [
    { shape: dy.shape, dtype: 'float32' },
    { shape: dy.shape, dtype: 'int64' },
  ]);
  if (indices === undefined) throw new Error('no indices');
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
function meanGradient(l: Lowering, g: ConvGeometry, dy: OnnxValue): OnnxValue {
  const share = l.map('Mul', [dy, l.constant([1, 1, ...g.output], 'float32', windowShares(g))]);
  const type = { shape: [g.batch, g.inChannels, ...g.input], dtype: 'float32' as const };
  const tiled = g.kernel.every(
    (size, i) => size === g.strides[i] && g.before[i] === 0 && g.after[i] === 0,
  );
  if (tiled) {
    const [rows, columns] = g.output;
    const cells = l.reshape(share, [g.batch, g.inChannels, rows, 1, columns, 1]);
    return l.reshape(
      l.expand(cells, [g.batch, g.inChannels, rows, g.kernel[0], columns, g.kernel[1]]),
      type.shape,
    );
  }
  const ones = l.expand(l.scalar(1, 'float32'), [g.inChannels, 1, ...g.kernel]);
  return l.emit(
    'ConvTranspose',
    [share, ones],
    { ...transposedAttrs(g), group: g.inChannels },
    type,
  );
}

function windowShares(g: ConvGeometry): Float32Array {
  const covered = (axis: 0 | 1, at: number): number => {
    const start = at * g.strides[axis] - g.before[axis];
    return Math.min(start + g.kernel[axis], g.input[axis]) - Math.max(0, start);
  };
  const shares = new Float32Array(g.output[0] * g.output[1]);
  return shares.map(
    (_, i) => 1 / (covered(0, Math.floor(i / g.output[1])) * covered(1, i % g.output[1])),
  );
}
