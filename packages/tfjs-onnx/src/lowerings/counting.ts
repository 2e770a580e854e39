import { sizeOf, type Node, type TensorType } from '../graph/graph.js';
import type { OnnxValue } from '../onnx/onnx-graph.js';
import { defineKernel, operand, result, type Kernel } from './kernel.js';
import type { Lowering } from './lowering.js';

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
      const columns = sizeOf(x.shape) / Math.max(1, rows);
      const dtype = binaryOutput || out.dtype === 'bool' ? ('int32' as const) : out.dtype;
      const weighted = sizeOf(weights.shape) > 0 && !binaryOutput;
      const amounts = weighted
        ? l.reshape(l.cast(l.plain(weights), dtype), [rows, columns])
        : l.expand(l.scalar(1, dtype), [rows, columns]);
      const empty = l.expand(l.scalar(0, dtype), [rows, size + 1]);
      const at = binNumbers(l, l.reshape(l.cast(l.plain(x), 'int64'), [rows, columns]), size);
      const bins = l.emit(
        'ScatterElements',
        [empty, at, amounts],
        { axis: 1, reduction: 'add' },
        empty,
      );
      const kept = l.emit(
        'Slice',
        [bins, l.ints([0]), l.ints([size]), l.ints([1])],
        {},
        {
          shape: [rows, size],
          dtype,
        },
      );
      const value = binaryOutput ? l.cast(kept, 'bool') : kept;
      l.set(out, l.cast(l.reshape(value, out.shape), out.dtype));
    },
    flop: (node) => sizeOf(operand(node, 'x').shape),
  });
}

/** For each number its bin; the last one takes what is outside. */
function binNumbers(l: Lowering, numbers: OnnxValue, size: number): OnnxValue {
  const outside = l.map('Or', [
    l.map('Less', [numbers, l.scalar(0, 'int64')], { dtype: 'bool' }),
    l.map('GreaterOrEqual', [numbers, l.scalar(size, 'int64')], { dtype: 'bool' }),
  ]);
  return l.map('Where', [outside, l.scalar(size, 'int64'), numbers], { dtype: 'int64' });
}

/** DenseBincount counts each row of a matrix apart, Bincount everything together. */
function leading(call: Pick<Node, 'kernel' | 'op' | 'inputs'>): readonly number[] {
  return call.kernel === 'DenseBincount' ? operand(call, 'x').shape.slice(0, -1) : [];
}
