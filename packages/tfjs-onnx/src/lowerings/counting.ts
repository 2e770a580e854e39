import { sizeOf, type Node, type TensorType } from '../graph/graph.js';
import type { OnnxValue } from '../onnx/onnx-graph.js';
import { defineKernel, operand, result, type Kernel } from './kernel.js';
import type { Lowering } from './lowering.js';
import { addedAt } from './scatter.js';

interface BincountAttrs {
  readonly size: number;
  /** Only of DenseBincount: whether a number occurs, instead of how often. */
  readonly binaryOutput?: boolean;
}

/** How often numbers occur, and how many of a sorted list lie below a number. */
export const counts: readonly Kernel[] = [
  bincount('Bincount'),
  bincount('DenseBincount'),
  defineKernel<{ side: 'left' | 'right' }>({
    name: 'SearchSorted',
    infer: (call): TensorType => ({ shape: operand(call, 'values').shape, dtype: 'int32' }),
    lower: (node, l) => {
      const [sorted, values, out] = [
        operand(node, 'sortedSequence'),
        operand(node, 'values'),
        result(node),
      ];
      const [batch = 1, length = 1] = sorted.shape;
      const asFloat = sorted.dtype !== values.dtype || sorted.dtype === 'bool';
      const numbers = (value: OnnxValue): OnnxValue => (asFloat ? l.cast(value, 'float32') : value);
      const list = l.reshape(numbers(l.plain(sorted)), [batch, 1, length]);
      const sought = l.reshape(numbers(l.plain(values)), [...values.shape, 1]);
      const op = node.attrs.side === 'left' ? 'Less' : 'LessOrEqual';
      const below = l.cast(l.map(op, [list, sought], { dtype: 'bool' }), 'int32'); // [B, values, list]
      l.set(out, l.emit('ReduceSum', [below, l.ints([2])], { keepdims: 0 }, out));
    },
    flop: (node) =>
      sizeOf(operand(node, 'values').shape) * (operand(node, 'sortedSequence').shape[1] ?? 1),
  }),
];

function bincount(name: string): Kernel {
  return defineKernel<BincountAttrs>({
    name,
    infer: (call): TensorType => ({
      shape: [...leading(call), call.attrs.size],
      dtype: operand(call, 'weights').dtype,
    }),
    lower: (node, l) => {
      const [x, weights, out] = [operand(node, 'x'), operand(node, 'weights'), result(node)];
      const { size, binaryOutput } = node.attrs;
      const rows = sizeOf(leading(node));
      const total = sizeOf(x.shape);
      const at = binNumbers(l, l.plain(x), rows, size);
      const counted = {
        shape: [rows * (size + 1)],
        dtype: binaryOutput || out.dtype === 'bool' ? ('int32' as const) : out.dtype,
      };
      const weighted = sizeOf(weights.shape) > 0 && !binaryOutput;
      const amounts = weighted
        ? l.reshape(l.cast(l.plain(weights), counted.dtype), [total])
        : l.expand(l.scalar(1, counted.dtype), [total]);
      const bins = l.reshape(addedAt(l, at, amounts, counted), [rows, size + 1]);
      const kept = l.emit(
        'Slice',
        [bins, l.ints([0]), l.ints([size]), l.ints([1])],
        {},
        {
          shape: [rows, size],
          dtype: counted.dtype,
        },
      );
      const value = binaryOutput ? l.cast(kept, 'bool') : kept;
      l.set(out, l.cast(l.reshape(value, out.shape), out.dtype));
    },
    flop: (node) => sizeOf(operand(node, 'x').shape),
  });
}

/** For each number the place of its bin, rows of `size + 1` bins one after the other; the last bin takes what is outside. */
function binNumbers(l: Lowering, x: OnnxValue, rows: number, size: number): OnnxValue {
  const columns = sizeOf(x.shape) / Math.max(1, rows);
  const numbers = l.reshape(l.cast(x, 'int64'), [rows, columns]);
  const outside = l.map('Or', [
    l.map('Less', [numbers, l.scalar(0, 'int64')], { dtype: 'bool' }),
    l.map('GreaterOrEqual', [numbers, l.scalar(size, 'int64')], { dtype: 'bool' }),
  ]);
  const bin = l.map('Where', [outside, l.scalar(size, 'int64'), numbers], { dtype: 'int64' });
  const starts = l.constant(
    [rows, 1],
    'int64',
    Array.from({ length: rows }, (_, row) => row * (size + 1)),
  );
  return l.reshape(l.map('Add', [bin, starts]), [rows * columns, 1]);
}

/** DenseBincount counts each row of a matrix apart, Bincount everything together. */
function leading(call: Pick<Node, 'kernel' | 'op' | 'inputs'>): readonly number[] {
  return call.kernel === 'DenseBincount' ? operand(call, 'x').shape.slice(0, -1) : [];
}
