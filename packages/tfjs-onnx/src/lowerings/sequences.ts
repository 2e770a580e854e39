import type { DType, TensorType } from '../graph/graph.js';
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
  sequenceKernel<RangeAttrs>('Range', (attrs) => {
    const { start, stop, step, dtype } = attrs;
    const turned = stop < start && step === 1; // the default step follows the direction
    return sequence(start, turned ? -1 : step, rangeLength(attrs), dtype);
  }),
  sequenceKernel<LinSpaceAttrs>('LinSpace', ({ start, stop, num }) =>
    sequence(start, (stop - start) / (num - 1), num, 'float32'),
  ),
];

function sequenceKernel<A>(name: string, values: (attrs: A) => Float32Array | Int32Array): Kernel {
  return defineKernel<A>({
    name,
    values,
    infer: ({ attrs }): TensorType => {
      const made = values(attrs);
      return { shape: [made.length], dtype: made instanceof Int32Array ? 'int32' : 'float32' };
    },
    lower: (node, l) => {
      const out = result(node);
      l.set(out, l.constant(out.shape, out.dtype, values(node.attrs)));
    },
    flop: () => 0,
  });
}

/** How many numbers tfjs's range has: none if the step leads away from the end. */
function rangeLength({ start, stop, step }: RangeAttrs): number {
  if (start === stop || (start < stop && step < 0) || (stop < start && step > 1)) return 0;
  return Math.abs(Math.ceil((stop - start) / step));
}

/** Each number from the one before, rounded to the type: tfjs's own sequence, bit for bit. */
function sequence(
  start: number,
  step: number,
  length: number,
  dtype: DType,
): Float32Array | Int32Array {
  const values = dtype === 'int32' ? new Int32Array(length) : new Float32Array(length);
  for (let i = 0; i < length; i++) values[i] = i === 0 ? start : (values[i - 1] ?? 0) + step;
  return values;
}
