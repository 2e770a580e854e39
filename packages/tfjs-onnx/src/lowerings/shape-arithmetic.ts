// Kernels whose values are shapes and places in them. How many there are is fixed; what they are may be worked out in the graph.
import type { TensorType } from '../graph/graph.js';
import type { OnnxValue } from '../onnx/onnx-graph.js';
import { defineKernel, operand, result, type Kernel } from './kernel.js';
import type { Lowering } from './lowering.js';

/** The shape that two shapes broadcast to, and places in a reshaped tensor. */
export const shapeArithmetic: readonly Kernel[] = [
  defineKernel({
    name: 'BroadcastArgs',
    infer: (call): TensorType => ({
      shape: [Math.max(...['s0', 's1'].map((name) => operand(call, name).shape[0] ?? 0))],
      dtype: 'int32',
    }),
    lower: (node, l) => {
      const out = result(node);
      const [rank = 0] = out.shape;
      const [a, b] = ['s0', 's1'].map((name) => {
        const value = operand(node, name);
        const shape = l.cast(l.plain(value), 'int32');
        const [own = 0] = value.shape;
        if (own === rank) return shape;
        const ones = l.expand(l.scalar(1, 'int32'), [rank - own]);
        return l.emit('Concat', [ones, shape], { axis: 0 }, out);
      });
      if (a === undefined || b === undefined) throw new Error('two shapes');
      const stretched = l.map('Equal', [a, l.scalar(1, 'int32')], { dtype: 'bool' });
      l.set(out, l.map('Where', [stretched, b, a], { dtype: 'int32' }));
    },
  }),
  defineKernel({
    name: 'SparseReshape',
    infer: (call): TensorType[] => {
      const [count = 0] = operand(call, 'inputIndices').shape;
      const [rank = 0] = operand(call, 'newShape').shape;
      return [
        { shape: [count, rank], dtype: operand(call, 'inputIndices').dtype },
        { shape: [rank], dtype: operand(call, 'newShape').dtype },
      ];
    },
    lower: (node, l) => {
      const [places, shape] = node.outputs;
      if (places === undefined || shape === undefined) throw new Error('two outputs');
      const [from, to] = ['inputShape', 'newShape'].map((name) =>
        sizesOf(l, l.cast(l.plain(operand(node, name)), 'int64')),
      );
      if (from === undefined || to === undefined) throw new Error('two shapes');
      const filled = fillUnknown(l, to, product(l, from));
      const at = l.cast(l.plain(operand(node, 'inputIndices')), 'int64'); // [count, rank]
      const strides = concat(l, strideList(l, from));
      const parts = l.map('Mul', [at, strides]);
      let left = l.emit(
        'ReduceSum',
        [parts, l.ints([1])],
        { keepdims: 1 },
        {
          shape: [places.shape[0] ?? 0, 1],
          dtype: 'int64',
        },
      );
      const columns = strideList(l, filled).map((stride) => {
        const column = l.map('Div', [left, stride]);
        left = l.map('Sub', [left, l.map('Mul', [column, stride])]);
        return column;
      });
      const joined = l.emit(
        'Concat',
        columns,
        { axis: 1 },
        { shape: places.shape, dtype: 'int64' },
      );
      l.set(places, l.cast(joined, places.dtype));
      l.set(shape, l.cast(concat(l, filled), shape.dtype));
    },
  }),
];

/** The entries of a list of sizes, each of shape [1]. */
function sizesOf(l: Lowering, list: OnnxValue): OnnxValue[] {
  const [rank = 0] = list.shape;
  return Array.from({ length: rank }, (_, i) =>
    l.emit(
      'Slice',
      [list, l.ints([i]), l.ints([i + 1]), l.ints([0])],
      {},
      { shape: [1], dtype: 'int64' },
    ),
  );
}

function product(l: Lowering, sizes: readonly OnnxValue[]): OnnxValue {
  return sizes.reduce((a, b) => l.map('Mul', [a, b]), l.ints([1]));
}

function concat(l: Lowering, sizes: readonly OnnxValue[]): OnnxValue {
  return l.emit('Concat', sizes, { axis: 0 }, { shape: [sizes.length], dtype: 'int64' });
}

/** Row-major steps: the product of all sizes that follow. */
function strideList(l: Lowering, sizes: readonly OnnxValue[]): OnnxValue[] {
  return sizes.map((_, i) => product(l, sizes.slice(i + 1)));
}

/** −1 stands for the size that is left over. */
function fillUnknown(l: Lowering, sizes: readonly OnnxValue[], total: OnnxValue): OnnxValue[] {
  const unknown = (size: OnnxValue): OnnxValue =>
    l.map('Less', [size, l.ints([0])], { dtype: 'bool' });
  const known = product(
    l,
    sizes.map((size) => l.map('Where', [unknown(size), l.ints([1]), size], { dtype: 'int64' })),
  );
  const rest = l.map('Div', [total, l.map('Max', [known, l.ints([1])])]);
  return sizes.map((size) => l.map('Where', [unknown(size), rest, size], { dtype: 'int64' }));
}
