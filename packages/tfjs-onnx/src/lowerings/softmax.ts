import { sizeOf, type TensorType } from '../graph/graph.js';
import { defineKernel, operand, result, type Kernel } from './kernel.js';

/** Normalised exponentials over an axis, and their logarithms. */
export const softmaxes: readonly Kernel[] = [
  softmax('Softmax', 'dim'),
  softmax('LogSoftmax', 'axis'),
];

function softmax(name: string, attr: string): Kernel {
  return defineKernel({
    name,
    infer: (call): TensorType => ({ shape: operand(call, 'logits').shape, dtype: 'float32' }),
    lower: (node, l) => {
      const [logits, out] = [operand(node, 'logits'), result(node)];
      const axis = Number(node.attrs[attr] ?? -1);
      l.set(out, l.emit(name, [l.cast(l.plain(logits), 'float32')], { axis }, out));
    },
    flop: (node) => 4 * sizeOf(result(node).shape),
  });
}
