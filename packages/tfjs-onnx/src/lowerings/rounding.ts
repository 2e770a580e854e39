import { unaryKernel } from './elementwise.js';
import type { Kernel } from './kernel.js';

/** Rounding and clipping. tfjs and ONNX both round halves to even. */
export const rounding: readonly Kernel[] = [
  ...['Floor', 'Ceil', 'Round'].map((name) =>
    unaryKernel(name, (l, x) => (x.dtype === 'float32' ? l.map(name, [x]) : x)),
  ),
  unaryKernel('ClipByValue', (l, x, node) => {
    const low = Number(node.attrs['clipValueMin']);
    const high = Number(node.attrs['clipValueMax']);
    return l.map('Clip', [x, l.scalar(low, x.dtype), l.scalar(high, x.dtype)]);
  }),
];
