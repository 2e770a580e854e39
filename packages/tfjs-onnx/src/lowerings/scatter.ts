import { gather_util } from '@tensorflow/tfjs-core';
import { sizeOf, type TensorType, type Value } from '../graph/graph.js';
import type { OnnxValue } from '../onnx/onnx-graph.js';
import { asTensor } from './as-tensor.js';
import { checked, defineKernel, operand, result, type Kernel } from './kernel.js';
import type { Lowering } from './lowering.js';

/** Reading, adding and replacing at positions that are themselves tensors. */
export const scatters: readonly Kernel[] = [
  defineKernel({
    name: 'GatherNd',
    infer: (call): TensorType => {
      const [params, indices] = [operand(call, 'params'), operand(call, 'indices')];
      const [shape] = checked(call, () =>
        gather_util.prepareAndValidate(asTensor(params), asTensor(indices)),
      );
      return { shape, dtype: params.dtype };
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
      const { places, values } = listed(l, out, indices, updates);
      l.set(out, addedAt(l, places, values, out));
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
      // Rows of segments that do not exist are left out: they go to one more, which is cut off.
      const count = node.attrs.numSegments;
      const segments = l.cast(l.plain(ids), 'int64');
      const outside = l.map('Or', [
        l.map('Less', [segments, l.scalar(0, 'int64')], { dtype: 'bool' }),
        l.map('GreaterOrEqual', [segments, l.scalar(count, 'int64')], { dtype: 'bool' }),
      ]);
      const rows = l.map('Where', [outside, l.scalar(count, 'int64'), segments], {
        dtype: 'int64',
      });
      const type = { shape: [count + 1, ...out.shape.slice(1)], dtype: out.dtype };
      const sums = addedAt(l, l.reshape(rows, [...ids.shape, 1]), l.plain(x), type);
      l.set(out, l.emit('Slice', [sums, l.ints([0]), l.ints([count]), l.ints([0])], {}, out));
    },
  }),
  defineKernel({
    name: 'TensorScatterUpdate',
    infer: (call): TensorType => operand(call, 'tensor'),
    lower: (node, l) => {
      const [tensor, out] = [l.plain(operand(node, 'tensor')), result(node)];
      const { places, values } = listed(l, out, operand(node, 'indices'), operand(node, 'updates'));
      l.set(out, replacedAt(l, tensor, places, values));
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

/** Places as rows of a matrix, one number each if they are a list, and the values that go there. */
function listed(
  l: Lowering,
  { shape }: TensorType,
  indices: Value,
  updates: Value,
): { places: OnnxValue; values: OnnxValue } {
  const rank = indices.shape.length > 1 ? (indices.shape.at(-1) ?? 1) : 1;
  const count = sizeOf(indices.shape) / Math.max(1, rank);
  return {
    places: l.reshape(l.plain(indices), [count, rank]),
    values: l.reshape(l.plain(updates), [count, ...shape.slice(rank)]),
  };
}

/** A copy of a tensor with other entries at places of its leading dimensions. */
function replacedAt(l: Lowering, x: OnnxValue, indices: OnnxValue, updates: OnnxValue): OnnxValue {
  return l.emit('ScatterND', [x, l.cast(indices, 'int64'), updates], {}, x);
}

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
