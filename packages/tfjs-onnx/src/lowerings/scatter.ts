import type { TensorType } from '../graph/graph.js';
import type { OnnxValue } from '../onnx/onnx-graph.js';
import { defineKernel, operand, result, type Kernel } from './kernel.js';
import type { Lowering } from './lowering.js';

/** Reading and adding at positions that are themselves tensors. */
export const scatters: readonly Kernel[] = [
  defineKernel({
    name: 'GatherNd',
    infer: (call): TensorType => {
      const { shape, dtype } = operand(call, 'params');
      const indices = operand(call, 'indices').shape;
      return { shape: [...indices.slice(0, -1), ...shape.slice(indices.at(-1))], dtype };
    },
    lower: (node, l) => {
      const indices = l.cast(l.plain(operand(node, 'indices')), 'int64');
      l.set(
        result(node),
        l.emit('GatherND', [l.plain(operand(node, 'params')), indices], {}, result(node)),
      );
    },
    flop: () => 0,
  }),
  defineKernel<{ shape: number[] }>({
    name: 'ScatterNd',
    infer: (call): TensorType => ({
      shape: call.attrs.shape,
      dtype: operand(call, 'updates').dtype,
    }),
    lower: (node, l) => {
      const [indices, updates, out] = [
        operand(node, 'indices'),
        operand(node, 'updates'),
        result(node),
      ];
      l.set(out, addedAt(l, l.plain(indices), l.plain(updates), out));
    },
  }),
  defineKernel<{ numSegments: number }>({
    name: 'UnsortedSegmentSum',
    infer: (call): TensorType => {
      const [{ shape, dtype }, ids] = [operand(call, 'x'), operand(call, 'segmentIds')];
      return { shape: [call.attrs.numSegments, ...shape.slice(ids.shape.length)], dtype };
    },
    lower: (node, l) => {
      const [x, ids, out] = [operand(node, 'x'), operand(node, 'segmentIds'), result(node)];
      l.set(out, addedAt(l, l.reshape(l.plain(ids), [...ids.shape, 1]), l.plain(x), out));
    },
  }),
];

/** Zeros of a shape, with updates added at places of its leading dimensions; equal places add up. */
function addedAt(l: Lowering, indices: OnnxValue, updates: OnnxValue, type: TensorType): OnnxValue {
  const zeros = l.expand(l.scalar(0, type.dtype), type.shape);
  return l.emit(
    'ScatterND',
    [zeros, l.cast(indices, 'int64'), updates],
    { reduction: 'add' },
    type,
  );
}
