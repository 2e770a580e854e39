import type { DType } from '../graph/graph.js';
import { defineKernel, result, type Kernel } from './kernel.js';

interface RangeAttrs {
  readonly start: number;
  readonly stop: number;
  readonly step: number;
  readonly dtype: 'float32' | 'int32';
}

interface LinSpaceAttrs {
  readonly start: number;
  readonly stop: number;
  readonly num: number;
}

/** Numbers at equal distances. They depend on no input, so they are worked out while tracing. */
export const sequences: readonly Kernel[] = [
  defineKernel<RangeAttrs>({
    name: 'Range',
    infer: ({ attrs }) => ({ shape: [rangeLength(attrs)], dtype: attrs.dtype }),
    lower: (node, l) => {
      const out = result(node);
      const { start, stop, step, dtype } = node.attrs;
      const turned = stop < start && step === 1; // the default step follows the direction
      l.set(out, l.constant(out.shape, dtype, sequence(start, turned ? -1 : step, out)));
    },
    flop: () => 0,
  }),
  defineKernel<LinSpaceAttrs>({
    name: 'LinSpace',
    infer: ({ attrs }) => ({ shape: [attrs.num], dtype: 'float32' }),
    lower: (node, l) => {
      const out = result(node);
      const { start, stop, num } = node.attrs;
      l.set(
        out,
        l.constant(out.shape, 'float32', sequence(start, (stop - start) / (num - 1), out)),
      );
    },
    flop: () => 0,
  }),
];

/** How many numbers tfjs's range has: none if the step leads away from the end. */
function rangeLength({ start, stop, step }: RangeAttrs): number {
  if (start === stop || (start < stop && step < 0) || (stop < start && step > 1)) return 0;
  return Math.abs(Math.ceil((stop - start) / step));
}

/** Each number from the one before, rounded to the type: tfjs's own sequence, bit for bit. */
function sequence(
  start: number,
  step: number,
  { shape: [length = 0], dtype }: { shape: readonly number[]; dtype: DType },
): Float32Array | Int32Array {
  const values = dtype === 'int32' ? new Int32Array(length) : new Float32Array(length);
  for (let i = 0; i < length; i++) values[i] = i === 0 ? start : (values[i - 1] ?? 0) + step;
  return values;
}
