import { sizeOf, type TensorType } from '../graph/graph.js';
import type { OnnxValue } from '../onnx/onnx-graph.js';
import { defineKernel, operand, result, type Kernel } from './kernel.js';
import type { Lowering } from './lowering.js';

/** Reading, adding and replacing at positions that are themselves tensors. */
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
  defineKernel({
    name: 'TensorScatterUpdate',
    infer: (call): TensorType => operand(call, 'tensor'),
    lower: (node, l) => {
      const [tensor, indices, updates] = ['tensor', 'indices', 'updates'].map((name) =>
        l.plain(operand(node, name)),
      );
      if (tensor === undefined || indices === undefined || updates === undefined)
        throw new Error('no operand');
      l.set(result(node), replacedAt(l, tensor, indices, updates));
    },
    flop: () => 0,
  }),
  defineKernel<{ outputShape: number[] }>({
    name: 'SparseToDense',
    infer: (call): TensorType => ({
      shape: call.attrs.outputShape,
      dtype: operand(call, 'sparseValues').dtype,
    }),
    lower: (node, l) => {
      const [indices, out] = [operand(node, 'sparseIndices'), result(node)];
      const rank = out.shape.length;
      const count = sizeOf(indices.shape) / rank; // a list of places, or one place, on a line
      const background = l.cast(l.plain(operand(node, 'defaultValue')), out.dtype);
      const values = l.expand(l.plain(operand(node, 'sparseValues')), [count]);
      const places = l.reshape(l.plain(indices), [count, rank]);
      l.set(out, replacedAt(l, l.expand(l.reshape(background, []), out.shape), places, values));
    },
    flop: () => 0,
  }),
];

/** A copy of a tensor with other entries at places of its leading dimensions. */
function replacedAt(l: Lowering, x: OnnxValue, indices: OnnxValue, updates: OnnxValue): OnnxValue {
  return l.emit('ScatterND', [x, l.cast(indices, 'int64'), updates], {}, x);
}

/** Zeros of a shape, with updates added at places of its leading dimensions; equal places add up. */
export function addedAt(
  l: Lowering,
  indices: OnnxValue,
  updates: OnnxValue,
  type: TensorType,
): OnnxValue {
  const zeros = l.expand(l.scalar(0, type.dtype), type.shape);
  return l.emit(
    'ScatterND',
    [zeros, l.cast(indices, 'int64'), updates],
    { reduction: 'add' },
    type,
  );
}
