import type { TensorType, Value } from '../graph/graph.js';
import type { OnnxValue } from '../onnx/onnx-graph.js';
import {
  checkWindows,
  convFlop,
  convGeometry,
  turnedPads,
  type ConvAttrs,
  type ConvGeometry,
  type WindowGeometry,
} from './conv-geometry.js';
import { filterGradient } from './conv2d-filter-gradient.js';
import { emitConvolution } from './emit-convolution.js';
import { defineKernel, operand, result, type Call, type Kernel } from './kernel.js';
import type { Lowering } from './lowering.js';
import { inPhases, worthPhases } from './strided-input-gradient.js';

/** Convolution and its two gradients. Filters are [height, width, in, out] as in tfjs. */
export const convolutions: readonly Kernel[] = [
  defineKernel<ConvAttrs>({
    name: 'Conv2D',
    infer: (call): TensorType => {
      const g = forward(call);
      checkWindows(call, g);
      return { shape: g.outShape, dtype: 'float32' };
    },
    lower: (node, l) => {
      const g = forward(node);
      const { bias } = node.inputs; // put there by fuseBias
      const value = emitConvolution(l, {
        image: image(l, operand(node, 'x'), g),
        filter: l.plain(operand(node, 'filter')),
        turned: false,
        bias: bias === undefined ? null : l.plain(bias),
        kernel: g.kernel,
        strides: g.strides,
        dilations: g.dilations,
        pads: [...g.before, Math.max(0, g.after[0]), Math.max(0, g.after[1])],
        shape: [g.batch, g.outChannels, ...g.output],
      });
      setImage(l, result(node), g, value);
    },
    flop: (node) => convFlop(forward(node)),
  }),
  defineKernel<ConvAttrs & { inputShape: number[] }>({
    name: 'Conv2DBackpropInput',
    infer: (call): TensorType => ({ shape: call.attrs.inputShape, dtype: 'float32' }),
    lower: (node, l) => {
      const g = convGeometry(node.attrs.inputShape, operand(node, 'filter').shape, node.attrs);
      const dy = outputPart(l, g, image(l, operand(node, 'dy'), g));
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

/** tfjs allows a gradient larger than the result that it belongs to, and reads the first rows and columns of it. */
function outputPart(l: Lowering, g: ConvGeometry, dy: OnnxValue): OnnxValue {
  const [batch = 1, channels = 1, ...size] = dy.shape;
  if (size.every((length, i) => length <= (g.output[i] ?? 1))) return dy;
  const shape = [batch, channels, ...g.output];
  const ranges = [l.ints([0, 0]), l.ints([...g.output]), l.ints([2, 3])];
  return l.emit('Slice', [dy, ...ranges], {}, { shape, dtype: dy.dtype });
}

/**
 * With stride 1 the gradient is itself a convolution, with the filter turned around;
 * else several of them, or a transposed one.
 */
function inputGradient(l: Lowering, g: ConvGeometry, dy: OnnxValue, filter: OnnxValue): OnnxValue {
  const shape = [g.batch, g.inChannels, ...g.input];
  const pads = turnedPads(g);
  if (g.strides[0] === 1 && g.strides[1] === 1 && pads.every((size) => size >= 0)) {
    const { kernel, strides, dilations } = g;
    return emitConvolution(l, {
      image: dy,
      filter,
      turned: true,
      bias: null,
      kernel,
      strides,
      dilations,
      pads,
      shape,
    });
  }
  if (worthPhases(l, g)) return inPhases(l, g, dy, filter);
  const weights = l.transpose(filter, [3, 2, 0, 1]); // [out, in, kh, kw]
  return l.emit('ConvTranspose', [dy, weights], transposedAttrs(g), { shape, dtype: 'float32' });
}

/** ONNX attributes of the transposed convolution whose result has the input's size. */
export function transposedAttrs(g: WindowGeometry): Record<string, number[]> {
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
