import { unaryKernel } from './elementwise.js';
import type { Kernel } from './kernel.js';

/** Circular and hyperbolic functions, each the ONNX operator of the same name. */
export const trigonometry: readonly Kernel[] = [
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
].map((name) => unaryKernel(name, (l, x) => l.map(name, [x])));
