import { sizeOf, type TensorType } from '../graph/graph.js';
import type { OnnxValue } from '../onnx/onnx-graph.js';
import { defineKernel, operand, result, type Call, type Kernel } from './kernel.js';
import type { Lowering } from './lowering.js';

interface CumulativeAttrs {
  readonly axis: number;
  /** Leave out the element itself: start with 0 or 1. */
  readonly exclusive: boolean;
  /** From the end to the start. */
  readonly reverse: boolean;
}

/** Running sums and products along an axis. */
export const cumulatives: readonly Kernel[] = [
  defineKernel<CumulativeAttrs>({
    name: 'Cumsum',
    infer: numberType,
    lower: (node, l) => {
      const out = result(node);
      const { axis, exclusive, reverse } = node.attrs;
      const at = l.constant([], 'int64', [axis < 0 ? axis + out.shape.length : axis]);
      const attrs = { exclusive: exclusive ? 1 : 0, reverse: reverse ? 1 : 0 };
      l.set(
        out,
        l.emit('CumSum', [l.cast(l.plain(operand(node, 'x')), out.dtype), at], attrs, out),
      );
    },
  }),
  defineKernel<CumulativeAttrs>({
    name: 'Cumprod',
    infer: numberType,
    lower: (node, l) => {
      const out = result(node);
      const { axis, exclusive, reverse } = node.attrs;
      const at = axis < 0 ? axis + out.shape.length : axis;
      const shift = (x: OnnxValue, by: number): OnnxValue => shifted(l, x, at, reverse ? -by : by);
      let value = l.cast(l.plain(operand(node, 'x')), out.dtype);
      if (exclusive) value = shift(value, 1);
      // ONNX has no running product. After the step by 2^i each element is the product of the last 2^(i+1).
      for (let by = 1; by < (out.shape[at] ?? 1); by *= 2)
        value = l.map('Mul', [value, shift(value, by)]);
      l.set(out, value);
    },
    flop: (node) => {
      const { shape } = result(node);
      const length = shape.at(node.attrs.axis) ?? 1;
      return sizeOf(shape) * Math.ceil(Math.log2(Math.max(1, length)));
    },
  }),
];

function numberType(call: Call<CumulativeAttrs>): TensorType {
  const { shape, dtype } = operand(call, 'x');
  return { shape, dtype: dtype === 'bool' ? 'int32' : dtype };
}

/** Elements moved along an axis, to its end if `by` is positive, with ones behind them. */
function shifted(l: Lowering, x: OnnxValue, axis: number, by: number): OnnxValue {
  const size = x.shape[axis] ?? 1;
  const kept = size - Math.abs(by);
  const [start, end] = by > 0 ? [0, kept] : [-by, size];
  const shape = x.shape.map((full, i) => (i === axis ? kept : full));
  const part = l.emit(
    'Slice',
    [x, l.ints([start]), l.ints([end]), l.ints([axis])],
    {},
    {
      shape,
      dtype: x.dtype,
    },
  );
  const amounts = (side: number): number[] => x.shape.map((_, i) => (i === axis ? side : 0));
  const pads = l.ints([...amounts(Math.max(0, by)), ...amounts(Math.max(0, -by))]);
  return l.emit('Pad', [part, pads, l.scalar(1, x.dtype)], { mode: 'constant' }, x);
}
