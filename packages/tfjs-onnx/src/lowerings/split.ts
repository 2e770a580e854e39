import { backend_util, util } from '@tensorflow/tfjs-core';
import type { TensorType } from '../graph/graph.js';
import { defineKernel, operand, type Kernel } from './kernel.js';
import { axisIn, typeIn } from './lowering.js';

/** Taking a tensor apart along an axis, which stays (SplitV) or goes (Unpack). */
export const splits: readonly Kernel[] = [
  defineKernel<{ axis: number; numOrSizeSplits: number | number[] }>({
    name: 'SplitV',
    infer: (call): TensorType[] => {
      const { shape, dtype } = operand(call, 'x');
      const axis = util.parseAxisParam(call.attrs.axis, [...shape])[0] ?? 0;
      const sizes = backend_util.prepareSplitSize(
        { shape: [...shape] } as never,
        call.attrs.numOrSizeSplits,
        axis,
      );
      return sizes.map((size) => ({
        shape: shape.map((full, i) => (i === axis ? size : full)),
        dtype,
      }));
    },
    lower: (node, l) => {
      const x = operand(node, 'x');
      const plainAxis = util.parseAxisParam(node.attrs.axis, [...x.shape])[0] ?? 0;
      const layout = l.commonLayout([x]);
      const sizes = l.ints(node.outputs.map(({ shape }) => shape[plainAxis] ?? 0));
      const types = node.outputs.map((value) => typeIn(layout, value));
      const parts = l.emitAll(
        'Split',
        [l.get(x, layout), sizes],
        { axis: axisIn(layout, plainAxis) },
        types,
      );
      parts.forEach((part, i) => {
        const out = node.outputs[i];
        if (out !== undefined) l.set(out, part, layout);
      });
    },
    flop: () => 0,
  }),
  defineKernel<{ axis: number }>({
    name: 'Unpack',
    infer: (call): TensorType[] => {
      const { shape, dtype } = operand(call, 'value');
      const axis = util.parseAxisParam(call.attrs.axis, [...shape])[0] ?? 0;
      return new Array<TensorType>(shape[axis] ?? 0).fill({
        shape: shape.filter((_, i) => i !== axis),
        dtype,
      });
    },
    lower: (node, l) => {
      const x = operand(node, 'value');
      const axis = util.parseAxisParam(node.attrs.axis, [...x.shape])[0] ?? 0;
      const type = { shape: x.shape.map((size, i) => (i === axis ? 1 : size)), dtype: x.dtype };
      const sizes = l.ints(node.outputs.map(() => 1));
      const parts = l.emitAll(
        'Split',
        [l.plain(x), sizes],
        { axis },
        node.outputs.map(() => type),
      );
      node.outputs.forEach((out, i) => {
        const part = parts[i];
        if (part !== undefined) l.set(out, l.reshape(part, out.shape));
      });
    },
    flop: () => 0,
  }),
];
