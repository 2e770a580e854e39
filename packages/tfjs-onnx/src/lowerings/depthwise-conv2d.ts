import type { TensorType } from '../graph/graph.js';
import type { OnnxValue } from '../onnx/onnx-graph.js';
import { transposedAttrs } from './conv2d.js';
import {
  convAttrs,
  convFlop,
  convGeometry,
  type ConvAttrs,
  type ConvGeometry,
} from './conv-geometry.js';
import { defineKernel, operand, result, type Call, type Kernel } from './kernel.js';
import type { Lowering } from './lowering.js';
import { reversed } from './slice.js';
import { spreadWindows } from './spread-windows.js';

/** Convolution of each channel on its own, and its gradients. Filters are [height, width, in, multiplier]. */
export const depthwiseConvolutions: readonly Kernel[] = [
  defineKernel<ConvAttrs>({
    name: 'DepthwiseConv2dNative',
    infer: (call): TensorType => {
      return { shape: forward(call).outShape, dtype: 'float32' };
    },
    lower: (node, l) => {
      const g = forward(node);
      const inputs = [
        g.channelsLast ? l.nchw(operand(node, 'x')) : l.plain(operand(node, 'x')),
        groupedFilter(l, g, l.plain(operand(node, 'filter'))),
      ];
      const attrs = { ...convAttrs(g, { dilations: true }), group: g.inChannels };
      l.set(
        result(node),
        l.emit('Conv', inputs, attrs, {
          shape: [g.batch, g.outChannels, ...g.output],
          dtype: 'float32',
        }),
        g.channelsLast ? 'nchw' : 'plain',
      );
    },
    flop: (node) => convFlop(forward(node), true),
  }),
  defineKernel<ConvAttrs & { inputShape: number[] }>({
    name: 'DepthwiseConv2dNativeBackpropInput',
    infer: (call): TensorType => ({ shape: call.attrs.inputShape, dtype: 'float32' }),
    lower: (node, l) => {
      const g = convGeometry(
        node.attrs.inputShape,
        operand(node, 'filter').shape,
        node.attrs,
        true,
      );
      const dy = l.nchw(operand(node, 'dy'));
      const filter = l.plain(operand(node, 'filter'));
      if (l.target !== 'cpu') {
        const turned = l.transpose(reversed(l, filter, [0, 1]), [2, 3, 0, 1]); // [in, multiplier, kh, kw]
        l.set(result(node), spreadWindows(l, g, dy, turned, g.inChannels), 'nchw');
        return;
      }
      const attrs = { ...transposedAttrs(g), group: g.inChannels };
      const type = { shape: [g.batch, g.inChannels, ...g.input], dtype: 'float32' as const };
      const inputs = [dy, groupedFilter(l, g, filter)];
      l.set(result(node), l.emit('ConvTranspose', inputs, attrs, type), 'nchw');
    },
    flop: (node) =>
      convFlop(
        convGeometry(node.attrs.inputShape, operand(node, 'filter').shape, node.attrs, true),
        true,
      ),
  }),
  defineKernel<ConvAttrs & { filterShape: number[] }>({
    name: 'DepthwiseConv2dNativeBackpropFilter',
    infer: (call): TensorType => ({ shape: call.attrs.filterShape, dtype: 'float32' }),
    lower: (node, l) => {
      const g = convGeometry(operand(node, 'x').shape, node.attrs.filterShape, node.attrs, true);
      l.set(
        result(node),
        filterGradient(l, g, l.nchw(operand(node, 'x')), l.nchw(operand(node, 'dy'))),
      );
    },
    flop: (node) =>
      convFlop(
        convGeometry(operand(node, 'x').shape, node.attrs.filterShape, node.attrs, true),
        true,
      ),
  }),
];

function forward(call: Call<ConvAttrs>): ConvGeometry {
  return convGeometry(operand(call, 'x').shape, operand(call, 'filter').shape, call.attrs, true);
}

/** [kh, kw, in, multiplier] as ONNX's grouped filter [in · multiplier, 1, kh, kw]. */
function groupedFilter(l: Lowering, g: ConvGeometry, filter: OnnxValue): OnnxValue {
  return l.reshape(l.transpose(filter, [2, 3, 0, 1]), [g.outChannels, 1, ...g.kernel]);
}

/** Each channel's batch takes the place of channels: one image of in · B channels, in groups of B. */
function filterGradient(l: Lowering, g: ConvGeometry, x: OnnxValue, dy: OnnxValue): OnnxValue {
  const image = l.reshape(l.transpose(x, [1, 0, 2, 3]), [1, g.inChannels * g.batch, ...g.input]);
  const gradient = l.transpose(dy, [1, 0, 2, 3]); // [out, B, h, w]
  const spare = g.after.map((size) => Math.max(0, -size));
  const sizes = g.kernel.map(
    (size, i) => size + Math.floor((spare[i] ?? 0) / (g.dilations[i] ?? 1)),
  );
  const attrs = {
    kernel_shape: [...g.output],
    dilations: [...g.strides],
    strides: [...g.dilations],
    pads: [...g.before, ...g.after.map((size) => Math.max(0, size))],
    group: g.inChannels,
  };
  const full = l.emit('Conv', [image, gradient], attrs, {
    shape: [1, g.outChannels, ...sizes],
    dtype: 'float32',
  });
  const shape = [1, g.outChannels, ...g.kernel];
  const cut = l.emit(
    'Slice',
    [full, l.ints([0, 0]), l.ints([...g.kernel]), l.ints([2, 3])],
    {},
    { shape, dtype: 'float32' },
  );
  const perChannel = l.reshape(cut, [g.inChannels, g.outChannels / g.inChannels, ...g.kernel]);
  return l.transpose(perChannel, [2, 3, 0, 1]);
}
