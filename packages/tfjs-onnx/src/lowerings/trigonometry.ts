import type { OnnxValue } from '../onnx/onnx-graph.js';
import { binaryKernel, unaryKernel } from './elementwise.js';
import type { Kernel } from './kernel.js';
import type { Lowering } from './lowering.js';

/** Circular and hyperbolic functions. All but Atan2 are the ONNX operator of the same name. */
export const trigonometry: readonly Kernel[] = [
  binaryKernel('Atan2', atan2, { floats: true }),
  ...[
    'Sin',
    'Cos',
    'Tan',
    'Asin',
    'Acos',
    'Atan',
    'Sinh',
    'Cosh',
    'Tanh',
    'Asinh',
    'Acosh',
    'Atanh',
  ].map((name) => unaryKernel(name, (l, x) => l.map(name, [x]), { floats: true })),
];

/** The angle of the point (x, y): arctan(y / x), turned by half a circle, up or down as y points, where x is negative. */
function atan2(l: Lowering, y: OnnxValue, x: OnnxValue): OnnxValue {
  const zero = l.scalar(0, 'float32');
  const isZero = (value: OnnxValue): OnnxValue => l.map('Equal', [value, zero], { dtype: 'bool' });
  const isInfinite = (value: OnnxValue): OnnxValue => l.map('IsInf', [value], { dtype: 'bool' });
  const where = (test: OnnxValue, yes: OnnxValue, no: OnnxValue): OnnxValue =>
    l.map('Where', [test, yes, no], { dtype: 'float32' });
  // Negative numbers and −0, whose reciprocal is −∞.
  const negative = (value: OnnxValue): OnnxValue =>
    l.map('Less', [where(isZero(value), l.map('Reciprocal', [value]), value), zero], {
      dtype: 'bool',
    });
  const corner = l.map('Mul', [l.map('Sign', [y]), l.map('Sign', [x])]); // both infinite: ±1
  const slope = where(
    l.map('And', [isZero(y), isZero(x)]),
    zero,
    where(l.map('And', [isInfinite(y), isInfinite(x)]), corner, l.map('Div', [y, x])),
  );
  const pi = l.scalar(Math.PI, 'float32');
  const half = where(negative(y), l.map('Neg', [pi]), pi);
  return l.map('Add', [l.map('Atan', [slope]), where(negative(x), half, zero)]);
}
