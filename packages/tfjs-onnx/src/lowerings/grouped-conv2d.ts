import type { TensorType } from '../graph/graph.js';
import type { OnnxValue } from '../onnx/onnx-graph.js';
import {
  convFlop,
  convGeometry,
  turnedPads,
  type ConvAttrs,
  type ConvGeometry,
} from './conv-geometry.js';
import { transposedAttrs } from './conv2d.js';
import { emitConvolution } from './emit-convolution.js';
import { defineKernel, operand, result, type Kernel } from './kernel.js';
import type { Lowering } from './lowering.js';
import { reversed } from './slice.js';
import { spreadWindows } from './spread-windows.js';

interface GroupedAttrs extends ConvAttrs {
  readonly groups: number;
}

/**
 * Convolution with groups and the gradient of its image, which `groupedConvolution` makes of parts. Filters are [height, width, in / groups, out].
 */
export const groupedConvolutions: readonly Kernel[] = [
  defineKernel<GroupedAttrs>({
    name: 'GroupedConv2D',
    infer: (call): TensorType => {
      const [x, filter] = [operand(call, 'x').shape, operand(call, 'filter').shape];
      return { shape: partGeometry(x, filter, call.attrs).wholeShape, dtype: 'float32' };
    },
    lower: (node, l) => {
      const { groups } = node.attrs;
      const [x, filter] = [operand(node, 'x'), operand(node, 'filter')];
      const { g } = partGeometry(x.shape, filter.shape, node.attrs);
      const { bias } = node.inputs; // put there by fuseBias
      const value = emitConvolution(l, {
        image: l.nchw(x),
        filter: l.plain(filter),
        turned: false,
        bias: bias === undefined ? null : l.plain(bias),
        kernel: g.kernel,
        strides: g.strides,
        dilations: g.dilations,
        pads: [...g.before, Math.max(0, g.after[0]), Math.max(0, g.after[1])],
        shape: [g.batch, g.outChannels * groups, ...g.output],
        groups,
      });
      l.set(result(node), value, 'nchw');
    },
    flop: (node) => flopOf(operand(node, 'x').shape, operand(node, 'filter').shape, node.attrs),
  }),
  defineKernel<GroupedAttrs & { inputShape: number[] }>({
    name: 'GroupedConv2DBackpropInput',
    infer: (call): TensorType => ({ shape: call.attrs.inputShape, dtype: 'float32' }),
    lower: (node, l) => {
      const filter = operand(node, 'filter');
      const { g } = partGeometry(node.attrs.inputShape, filter.shape, node.attrs);
      const dy = l.nchw(operand(node, 'dy'));
      const dx = inputGradient(l, g, node.attrs.groups, dy, l.plain(filter));
      l.set(result(node), dx, 'nchw');
    },
    flop: (node) => flopOf(node.attrs.inputShape, operand(node, 'filter').shape, node.attrs),
  }),
];

/** Geometry of one group, and the shape of all groups' result. */
function partGeometry(
  xShape: readonly number[],
  filterShape: readonly number[],
  { groups, ...attrs }: GroupedAttrs,
): { g: ConvGeometry; wholeShape: readonly number[] } {
  const part = (shape: readonly number[]): number[] =>
    shape.map((size, axis) => (axis === 3 ? size / groups : size));
  const g = convGeometry(part(xShape), part(filterShape), attrs);
  return { g, wholeShape: g.outShape.map((size, axis) => (axis === 3 ? size * groups : size)) };
}

function flopOf(
  xShape: readonly number[],
  filterShape: readonly number[],
  attrs: GroupedAttrs,
): number {
  return attrs.groups * convFlop(partGeometry(xShape, filterShape, attrs).g);
}

/** With stride 1 the gradient is itself a convolution with groups, with each group's filter turned around; else a transposed one. */
function inputGradient(
  l: Lowering,
  g: ConvGeometry,
  groups: number,
  dy: OnnxValue,
  filter: OnnxValue,
): OnnxValue {
  const shape = [g.batch, g.inChannels * groups, ...g.input];
  const pads = turnedPads(g);
  const { kernel, strides, dilations, inChannels, outChannels } = g;
  const parts = [...kernel, inChannels, groups, outChannels];
  const turned = l.reshape(reversed(l, filter, [0, 1]), parts); // [kh, kw, in / groups, groups, out / groups]
  if (strides[0] === 1 && strides[1] === 1 && pads.every((size) => size >= 0)) {
    const swapped = l.transpose(turned, [0, 1, 4, 3, 2]); // [kh, kw, out / groups, groups, in / groups]
    return emitConvolution(l, {
      image: dy,
      filter: l.reshape(swapped, [...kernel, outChannels, groups * inChannels]),
      turned: false,
      bias: null,
      kernel,
      strides,
      dilations,
      pads,
      shape,
      groups,
    });
  }
  if (l.target !== 'cpu') {
    const perInput = l.transpose(turned, [3, 2, 4, 0, 1]); // [groups, in / groups, out / groups, kh, kw]
    const weights = l.reshape(perInput, [groups * inChannels, outChannels, ...kernel]);
    return spreadWindows(l, g, dy, weights, groups);
  }
  const weights = l.transpose(filter, [3, 2, 0, 1]); // [out, in / groups, kh, kw]
  const attrs = { ...transposedAttrs(g), group: groups };
  return l.emit('ConvTranspose', [dy, weights], attrs, { shape, dtype: 'float32' });
}
