import type { TensorType } from '../graph/graph.js';
import { defineKernel, operand, result, unsupported, type Kernel } from './kernel.js';
import { axisIn } from './lowering.js';

interface OneHotAttrs {
  readonly depth: number;
  readonly onValue: number;
  readonly offValue: number;
  readonly dtype?: string;
}

/** Choosing entries by index, and indices as vectors. */
export const gathers: readonly Kernel[] = [
  defineKernel<{ axis: number; batchDims: number }>({
    name: 'GatherV2',
    infer: (call): TensorType => {
      if (call.attrs.batchDims !== 0)
        throw unsupported(call, `batchDims ${call.attrs.batchDims}`, 'Gather with batchDims 0.');
      const x = operand(call, 'x');
      const axis = normalised(call.attrs.axis, x.shape.length);
      return {
        shape: [
          ...x.shape.slice(0, axis),
          ...operand(call, 'indices').shape,
          ...x.shape.slice(axis + 1),
        ],
        dtype: x.dtype,
      };
    },
    lower: (node, l) => {
      const [x, indices, out] = [operand(node, 'x'), operand(node, 'indices'), result(node)];
      const axis = normalised(node.attrs.axis, x.shape.length);
      // With one index per entry the rank stays, and so may the layout.
      const layout = indices.shape.length === 1 ? l.commonLayout([x]) : 'plain';
      const at = axisIn(layout, axis);
      const value = l.get(x, layout);
      const shape = [...value.shape.slice(0, at), ...indices.shape, ...value.shape.slice(at + 1)];
      l.set(
        out,
        l.emit('Gather', [value, l.plain(indices)], { axis: at }, { shape, dtype: x.dtype }),
        layout,
      );
    },
    flop: () => 0,
  }),
  defineKernel<OneHotAttrs>({
    name: 'OneHot',
    infer: (call): TensorType => {
      const dtype =
        call.attrs.dtype === 'int32' || call.attrs.dtype === 'bool' ? call.attrs.dtype : 'float32';
      return { shape: [...operand(call, 'indices').shape, call.attrs.depth], dtype };
    },
    lower: (node, l) => {
      const [indices, out] = [operand(node, 'indices'), result(node)];
      const { depth, onValue, offValue } = node.attrs;
      const column = l.reshape(l.cast(l.plain(indices), 'int32'), [...indices.shape, 1]);
      const classes = l.constant(
        [depth],
        'int32',
        Array.from({ length: depth }, (_, i) => i),
      );
      const hit = l.map('Equal', [column, classes], { dtype: 'bool' });
      if (onValue === 1 && offValue === 0) l.set(out, l.cast(hit, out.dtype));
      else {
        const values = [hit, l.scalar(onValue, 'float32'), l.scalar(offValue, 'float32')];
        l.set(out, l.cast(l.map('Where', values, { dtype: 'float32' }), out.dtype));
      }
    },
  }),
];

function normalised(axis: number, rank: number): number {
  return axis < 0 ? axis + rank : axis;
}
