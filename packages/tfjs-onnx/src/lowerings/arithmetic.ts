import { sizeOf, type TensorType } from '../graph/graph.js';
import type { OnnxValue } from '../onnx/onnx-graph.js';
import { binaryKernel, lowerElementwise, unaryKernel } from './elementwise.js';
import { defineKernel, operand, type Kernel } from './kernel.js';
import type { Lowering } from './lowering.js';

/** Numbers of each of several tensors that are added by one operator rather than by one after the other. */
const MOST_FOR_ONE_SUM = 64;

/** Sums, products, quotients and powers. */
export const arithmetic: readonly Kernel[] = [
  binaryKernel('Add', (l, a, b) => l.map('Add', [a, b])),
  binaryKernel('Sub', (l, a, b) => l.map('Sub', [a, b])),
  binaryKernel('Multiply', (l, a, b) => l.map('Mul', [a, b])),
  binaryKernel('RealDiv', quotient),
  binaryKernel('FloorDiv', floorDiv, { dtype: () => 'int32' }),
  binaryKernel('Mod', floorMod),
  binaryKernel('Pow', (l, a, b) => l.map('Pow', [a, b])),
  binaryKernel('Maximum', (l, a, b) => l.map('Max', [a, b])),
  binaryKernel('Minimum', (l, a, b) => l.map('Min', [a, b])),
  binaryKernel('SquaredDifference', (l, a, b) => square(l, l.map('Sub', [a, b]))),
  unaryKernel('Neg', (l, x) => l.map('Neg', [x])),
  unaryKernel('Abs', (l, x) => l.map('Abs', [x])),
  unaryKernel('Sign', sign),
  unaryKernel('Square', square),
  unaryKernel('Reciprocal', (l, x) => l.map('Reciprocal', [x]), { floats: true }),
  defineKernel({
    name: 'AddN',
    infer: (call): TensorType => operand(call, '0'),
    lower: (node, lowering) => {
      lowerElementwise(node, lowering, Object.values(node.inputs), (xs) =>
        worthOneSum(lowering, xs)
          ? lowering.map('Sum', xs)
          : xs.reduce((a, b) => lowering.map('Add', [a, b])),
      );
    },
    flop: (node) => {
      const terms = Object.values(node.inputs);
      return (terms.length - 1) * (terms[0]?.shape.reduce((a, b) => a * b, 1) ?? 0);
    },
  }),
];

/** Many small tensors: what takes time is how many nodes there are. The runtime adds in the same order. */
function worthOneSum({ target }: Lowering, xs: readonly OnnxValue[]): boolean {
  return (
    target === 'cpu' &&
    xs.length > 2 &&
    xs.every(({ shape, dtype }) => dtype === 'float32' && sizeOf(shape) <= MOST_FOR_ONE_SUM)
  );
}

function square(l: Lowering, x: OnnxValue): OnnxValue {
  return l.map('Mul', [x, x]);
}

/** The sign; 0 for NaN, as in tfjs. */
function sign(l: Lowering, x: OnnxValue): OnnxValue {
  const signs = l.map('Sign', [x]);
  if (x.dtype !== 'float32') return signs;
  const none = l.map('IsNaN', [x], { dtype: 'bool' });
  return l.map('Where', [none, l.scalar(0, 'float32'), signs], { dtype: 'float32' });
}

/** a / b, of whole numbers cut towards zero. Whole numbers over 0 are 0 as in tfjs; ONNX Runtime would stop. */
function quotient(l: Lowering, a: OnnxValue, b: OnnxValue): OnnxValue {
  if (a.dtype === 'float32') return l.map('Div', [a, b]);
  const zero = l.scalar(0, 'int32');
  const none = l.map('Equal', [b, zero], { dtype: 'bool' });
  const divisor = l.map('Where', [none, l.scalar(1, 'int32'), b], { dtype: 'int32' });
  return l.map('Where', [none, zero, l.map('Div', [a, divisor])], { dtype: 'int32' });
}

/** ⌊a / b⌋ as int32. ONNX's quotient of whole numbers is cut towards zero, so it is one too large when the signs differ. */
function floorDiv(l: Lowering, a: OnnxValue, b: OnnxValue): OnnxValue {
  if (a.dtype === 'float32') return l.map('Floor', [l.map('Div', [a, b])]);
  const cut = quotient(l, a, b);
  const rest = l.map('Sub', [a, l.map('Mul', [cut, b])]);
  const zero = l.scalar(0, 'int32');
  const inexact = l.map('Not', [l.map('Equal', [rest, zero], { dtype: 'bool' })]);
  const signsDiffer = l.map(
    'Less',
    [l.map('Mul', [l.map('Sign', [rest]), l.map('Sign', [b])]), zero],
    { dtype: 'bool' },
  );
  const tooLarge = l.map('And', [inexact, signsDiffer]);
  return l.map('Sub', [cut, l.cast(tooLarge, 'int32')]);
}

/** The remainder with the sign of the divisor. */
function floorMod(l: Lowering, a: OnnxValue, b: OnnxValue): OnnxValue {
  if (a.dtype === 'int32') {
    const zero = l.map('Equal', [b, l.scalar(0, 'int32')], { dtype: 'bool' });
    const rest = l.map('Mod', [
      a,
      l.map('Where', [zero, l.scalar(1, 'int32'), b], { dtype: 'int32' }),
    ]);
    return l.map('Where', [zero, l.scalar(0, 'int32'), rest], { dtype: 'int32' });
  }
  const attrs = { fmod: 1 };
  const rest = l.map('Mod', [a, b], { attrs }); // sign of the dividend
  const zero = l.scalar(0, 'float32');
  const differ = l.map('Xor', [
    l.map('Less', [rest, zero], { dtype: 'bool' }),
    l.map('Less', [b, zero], { dtype: 'bool' }),
  ]);
  return l.map('Where', [differ, l.map('Mod', [l.map('Add', [rest, b]), b], { attrs }), rest], {
    dtype: 'float32',
  });
}
