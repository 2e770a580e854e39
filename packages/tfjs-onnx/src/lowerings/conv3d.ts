import type { TensorType } from '../graph/graph.js';
import type { OnnxValue } from '../onnx/onnx-graph.js';
import { transposedAttrs } from './conv2d.js';
import { convAttrs, convFlop, type WindowGeometry } from './conv-geometry.js';
import { defineKernel, operand, result, type Call, type Kernel } from './kernel.js';
import type { Lowering } from './lowering.js';
import { reversed } from './slice.js';
import { spreadWindows } from './spread-windows.js';
import { channelsFirst, channelsLast, conv3dGeometry, type VolumeAttrs } from './volume.js';

/** Convolution of volumes and its two gradients. Filters are [depth, height, width, in, out] as in tfjs. */
export const volumeConvolutions: readonly Kernel[] = [
  defineKernel<VolumeAttrs>({
    name: 'Conv3D',
    infer: (call): TensorType => ({ shape: forward(call).outShape, dtype: 'float32' }),
    lower: (node, l) => {
      const g = forward(node);
      const weights = l.transpose(l.plain(operand(node, 'filter')), [4, 3, 0, 1, 2]);
      const inputs = [channelsFirst(l, l.plain(operand(node, 'x'))), weights];
      const type = { shape: [g.batch, g.outChannels, ...g.output], dtype: 'float32' as const };
      const value = l.emit('Conv', inputs, convAttrs(g, { dilations: true }), type);
      l.set(result(node), channelsLast(l, value));
    },
    flop: (node) => convFlop(forward(node)),
  }),
  defineKernel<VolumeAttrs & { inputShape: number[] }>({
    name: 'Conv3DBackpropInputV2',
    infer: (call): TensorType => ({ shape: call.attrs.inputShape, dtype: 'float32' }),
    lower: (node, l) => {
      const filter = operand(node, 'filter');
      const g = conv3dGeometry(node.attrs.inputShape, filter.shape, node.attrs);
      const dy = channelsFirst(l, l.plain(operand(node, 'dy')));
      l.set(result(node), channelsLast(l, inputGradient(l, g, dy, l.plain(filter))));
    },
    flop: (node) =>
      convFlop(conv3dGeometry(node.attrs.inputShape, operand(node, 'filter').shape, node.attrs)),
  }),
  defineKernel<VolumeAttrs & { filterShape: number[] }>({
    name: 'Conv3DBackpropFilterV2',
    infer: (call): TensorType => ({ shape: call.attrs.filterShape, dtype: 'float32' }),
    lower: (node, l) => {
      const [x, dy] = [operand(node, 'x'), operand(node, 'dy')];
      const g = conv3dGeometry(x.shape, node.attrs.filterShape, node.attrs);
      l.set(result(node), filterGradient(l, g, l.plain(x), l.plain(dy)));
    },
    flop: (node) =>
      convFlop(conv3dGeometry(operand(node, 'x').shape, node.attrs.filterShape, node.attrs)),
  }),
];

function forward(call: Call<VolumeAttrs>): WindowGeometry {
  return conv3dGeometry(operand(call, 'x').shape, operand(call, 'filter').shape, call.attrs);
}

/** With stride 1 the gradient is itself a convolution, with the filter turned around; else a transposed one, where there is one. */
function inputGradient(
  l: Lowering,
  g: WindowGeometry,
  dy: OnnxValue,
  filter: OnnxValue,
): OnnxValue {
  const simple = g.strides.every((stride) => stride === 1);
  if (l.target !== 'cpu' || simple) {
    const turned = l.transpose(reversed(l, filter, [0, 1, 2]), [3, 4, 0, 1, 2]); // [in, out, kd, kh, kw]
    return spreadWindows(l, g, dy, turned);
  }
  const type = { shape: [g.batch, g.inChannels, ...g.input], dtype: 'float32' as const };
  const weights = l.transpose(filter, [4, 3, 0, 1, 2]); // [out, in, kd, kh, kw]
  return l.emit('ConvTranspose', [dy, weights], transposedAttrs(g), type);
}

/** A convolution whose batch is the channels in, whose channels are the batch, and whose filter is the gradient of the result. */
function filterGradient(l: Lowering, g: WindowGeometry, x: OnnxValue, dy: OnnxValue): OnnxValue {
  const image = l.transpose(x, [4, 0, 1, 2, 3]); // [in, B, D, H, W]
  const gradient = l.transpose(dy, [4, 0, 1, 2, 3]); // [out, B, d, h, w]
  // What the convolution left unread gives taps beyond the filter's own; they are cut off.
  const taps = g.kernel.map((size, i) => size + Math.max(0, -(g.after[i] ?? 0)));
  const attrs = {
    kernel_shape: [...g.output],
    dilations: [...g.strides],
    pads: [...g.before, ...g.after.map((size) => Math.max(0, size))],
  };
  const full = l.emit('Conv', [image, gradient], attrs, {
    shape: [g.inChannels, g.outChannels, ...taps],
    dtype: 'float32',
  });
  const cut = l.emit(
    'Slice',
    [full, l.ints([0, 0, 0]), l.ints([...g.kernel]), l.ints([2, 3, 4])],
    {},
    { shape: [g.inChannels, g.outChannels, ...g.kernel], dtype: 'float32' },
  );
  return l.transpose(cut, [2, 3, 4, 0, 1]);
}
