import type { TensorType } from '../graph/graph.js';
import { defineKernel, operand, result, type Kernel } from './kernel.js';

/** Running sums along an axis. */
export const cumulatives: readonly Kernel[] = [
  defineKernel<{ axis: number; exclusive: boolean; reverse: boolean }>({
    name: 'Cumsum',
    infer: (call): TensorType => {
      const { shape, dtype } = operand(call, 'x');
      return { shape, dtype: dtype === 'bool' ? 'int32' : dtype };
    },
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
];
