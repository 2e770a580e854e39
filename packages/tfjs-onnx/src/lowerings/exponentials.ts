import type { OnnxValue } from '../onnx/onnx-graph.js';
import { unaryKernel } from './elementwise.js';
import type { Kernel } from './kernel.js';
import type { Lowering } from './lowering.js';

const floats = { floats: true };

/** Exponentials, logarithms, roots and the error function. */
export const exponentials: readonly Kernel[] = [
  unaryKernel('Exp', (l, x) => l.map('Exp', [x]), { ...floats, dtype: () => 'float32' }),
  unaryKernel('Log', (l, x) => l.map('Log', [x]), floats),
  unaryKernel('Sqrt', (l, x) => l.map('Sqrt', [x]), floats),
  unaryKernel('Rsqrt', (l, x) => l.map('Reciprocal', [l.map('Sqrt', [x])]), floats),
  unaryKernel('Erf', (l, x) => l.map('Erf', [x]), floats),
  unaryKernel('Log1p', log1p, floats),
  unaryKernel('Expm1', expm1, floats),
];

/**
 * log(1 + x) without losing small x: the rounding error of u = 1 + x cancels in log(u) · x / (u − 1).
 * Reference: Higham, Accuracy and Stability of Numerical Algorithms, problem 1.5 (after Kahan).
 */
function log1p(l: Lowering, x: OnnxValue): OnnxValue {
  const one = l.scalar(1, 'float32');
  const u = l.map('Add', [x, one]);
  const rounded = l.map('Sub', [u, one]);
  const factor = l.map(
    'Where',
    [l.map('Less', [x, one], { dtype: 'bool' }), l.map('Div', [x, rounded]), one],
    { dtype: 'float32' },
  );
  const tiny = l.map('Equal', [rounded, l.scalar(0, 'float32')], { dtype: 'bool' });
  return l.map('Where', [tiny, x, l.map('Mul', [l.map('Log', [u]), factor])], { dtype: 'float32' });
}

/**
 * exp(x) − 1 without losing small x: (u − 1) · x / log(u) with u = exp(x).
 * Reference: Higham, Accuracy and Stability of Numerical Algorithms, section 1.14.1 (after Kahan).
 */
function expm1(l: Lowering, x: OnnxValue): OnnxValue {
  const one = l.scalar(1, 'float32');
  const u = l.map('Exp', [x]);
  const plain = l.map('Sub', [u, one]);
  const small = l.map('Less', [l.map('Abs', [x]), l.scalar(0.5, 'float32')], { dtype: 'bool' });
  const corrected = l.map('Div', [l.map('Mul', [plain, x]), l.map('Log', [u])]);
  const tiny = l.map('Equal', [plain, l.scalar(0, 'float32')], { dtype: 'bool' });
  return l.map(
    'Where',
    [tiny, x, l.map('Where', [small, corrected, plain], { dtype: 'float32' })],
    { dtype: 'float32' },
  );
}
