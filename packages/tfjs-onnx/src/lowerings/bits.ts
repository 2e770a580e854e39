import type { OnnxValue } from '../onnx/onnx-graph.js';
import { binaryKernel } from './elementwise.js';
import type { Kernel } from './kernel.js';
import type { Lowering } from './lowering.js';

/** Bits of an int32 below the sign. */
const BITS = 31;

/** Logic on the bits of whole numbers. */
export const bits: readonly Kernel[] = [
  binaryKernel('BitwiseAnd', (l, a, b) => {
    const common = l.map('And', [bitsOf(l, a), bitsOf(l, b)]);
    const rank = common.shape.length - 1;
    const weights = l.constant([BITS + 1], 'int64', [
      ...Array.from({ length: BITS }, (_, bit) => 2 ** bit),
      -(2 ** BITS),
    ]);
    const parts = l.map('Mul', [l.cast(common, 'int64'), weights]);
    return l.emit(
      'ReduceSum',
      [parts, l.ints([rank])],
      { keepdims: 0 },
      {
        shape: common.shape.slice(0, -1),
        dtype: 'int64',
      },
    );
  }),
];

/**
 * The bits of int32 numbers along a new last axis, the sign last.
 *
 * Bit i of a number in two's complement is set if the number modulo 2^(i+1) is at least 2^i. This operator set has no logic on bits.
 */
function bitsOf(l: Lowering, x: OnnxValue): OnnxValue {
  const column = l.reshape(l.cast(x, 'int64'), [...x.shape, 1]);
  const powers = Array.from({ length: BITS + 1 }, (_, bit) => 2 ** bit);
  const rest = l.map('Mod', [
    column,
    l.constant(
      [BITS + 1],
      'int64',
      powers.map((n) => 2 * n),
    ),
  ]);
  return l.map('GreaterOrEqual', [rest, l.constant([BITS + 1], 'int64', powers)], {
    dtype: 'bool',
  });
}
