import { sizeOf, type TensorType } from '../graph/graph.js';
import { defineKernel, operand, result, type Kernel } from './kernel.js';

/** A tensor's elements on the diagonal of one of twice the rank, with zeros around. */
export const diagonals: readonly Kernel[] = [
  defineKernel({
    name: 'Diag',
    infer: (call): TensorType => {
      const { shape, dtype } = operand(call, 'x');
      return { shape: [...shape, ...shape], dtype };
    },
    lower: (node, l) => {
      const [x, out] = [operand(node, 'x'), result(node)];
      const size = sizeOf(x.shape);
      const worked = x.dtype === 'bool' ? 'int32' : x.dtype;
      const count = Array.from({ length: size }, (_, i) => i);
      const onDiagonal = l.map(
        'Equal',
        [l.constant([size, 1], 'int32', count), l.constant([size], 'int32', count)],
        { dtype: 'bool' },
      );
      const row = l.reshape(l.cast(l.plain(x), worked), [size]);
      const matrix = l.map('Where', [onDiagonal, row, l.scalar(0, worked)], { dtype: worked });
      l.set(out, l.cast(l.reshape(matrix, out.shape), out.dtype));
    },
  }),
];
