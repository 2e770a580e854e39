import type { TensorType, Value } from '../graph/graph.js';
import type { OnnxValue } from '../onnx/onnx-graph.js';
import {
  convAttrs,
  convFlop,
  convGeometry,
  reachOf,
  type ConvAttrs,
  type ConvGeometry,
} from './conv-geometry.js';
import { filterGradient } from './conv2d-filter-gradient.js';
import { defineKernel, operand, result, type Call, type Kernel } from './kernel.js';
import type { Lowering } from './lowering.js';
import { reversed } from './slice.js';

/** Convolution and its two gradients. Filters are [height, width, in, out] as in tfjs. */
export const convolutions: readonly Kernel[] = [
  defineKernel<ConvAttrs>({
    name: 'Conv2D',
    infer: (call): TensorType => ({ shape: forward(call).outShape, dtype: 'float32' }),
    lower: (node, l) => {
      const g = forward(node);
      const filter = l.transpose(l.plain(operand(node, 'filter')), [3, 2, 0, 1]); // [out, in, kh, kw]
      const inputs = [image(l, operand(node, 'x'), g), filter];
      setImage(
        l,
        result(node),
        g,
        l.emit('Conv', inputs, convAttrs(g, { dilations: true }), outType(g)),
      );
    },
    flop: (node) => convFlop(forward(node)),
  }),
  defineKernel<ConvAttrs & { inputShape: number[] }>({
    name: 'Conv2DBackpropInput',
    infer: (call): TensorType => ({ shape: call.attrs.inputShape, dtype: 'float32' }),
    lower: (node, l) => {
      const g = convGeometry(node.attrs.inputShape, operand(node, 'filter').shape, node.attrs);
      const dy = image(l, operand(node, 'dy'), g);
      setImage(l, result(node), g, inputGradient(l, g, dy, l.plain(operand(node, 'filter'))));
    },
    flop: (node) =>
      convFlop(convGeometry(node.attrs.inputShape, operand(node, 'filter').shape, node.attrs)),
  }),
  defineKernel<ConvAttrs & { filterShape: number[] }>({
    name: 'Conv2DBackpropFilter',
    infer: (call): TensorType => ({ shape: call.attrs.filterShape, dtype: 'float32' }),
    lower: (node, l) => {
      const g = convGeometry(operand(node, 'x').shape, node.attrs.filterShape, node.attrs);
      l.set(result(node), filterGradient(l, g, operand(node, 'x'), operand(node, 'dy')));
    },
    flop: (node) =>
      convFlop(convGeometry(operand(node, 'x').shape, node.attrs.filterShape, node.attrs)),
  }),
];

function forward(call: Call<ConvAttrs>): ConvGeometry {
  return convGeometry(operand(call, 'x').shape, operand(call, 'filter').shape, call.attrs);
}

/** With stride 1 the gradient is itself a convolution, with the filter turned around; else a transposed one. */
function inputGradient(l: Lowering, g: ConvGeometry, dy: OnnxValue, filter: OnnxValue): OnnxValue {
  const type = { shape: [g.batch, g.inChannels, ...g.input], dtype: 'float32' as const };
  const reach = reachOf(g);
  const pads = [
    ...g.before.map((size, i) => (reach[i] ?? 1) - 1 - size),
    ...g.after.map((size, i) => (reach[i] ?? 1) - 1 - size),
  ];
  if (g.strides[0] === 1 && g.strides[1] === 1 && pads.every((size) => size >= 0)) {
    const turned = l.transpose(reversed(l, filter, [0, 1]), [2, 3, 0, 1]); // [in, out, kh, kw]
    return l.emit(
      'Conv',
      [dy, turned],
      { kernel_shape: [...g.kernel], dilations: [...g.dilations], pads },
      type,
    );
  }
  const weights = l.transpose(filter, [3, 2, 0, 1]); // [out, in, kh, kw]
  return l.emit('ConvTranspose', [dy, weights], transposedAttrs(g), type);
}

/** ONNX attributes of the transposed convolution whose result has the input's size. */
export function transposedAttrs(g: ConvGeometry): Record<string, number[]> {
  return {
    kernel_shape: [...g.kernel],
    strides: [...g.strides],
    dilations: [...g.dilations],
    pads: [...g.before, ...g.after.map((size) => Math.max(0, size))],
    // Rows and columns that the convolution left unread get no gradient.
    output_padding: g.after.map((size) => Math.max(0, -size)),
  };
}

function image(l: Lowering, x: Value, g: ConvGeometry): OnnxValue {
  return g.channelsLast ? l.nchw(x) : l.plain(x);
}

function setImage(l: Lowering, out: Value, g: ConvGeometry, value: OnnxValue): void {
  l.set(out, value, g.channelsLast ? 'nchw' : 'plain');
}

function outType(g: ConvGeometry): { shape: number[]; dtype: 'float32' } {
  return { shape: [g.batch, g.outChannels, ...g.output], dtype: 'float32' };
}
