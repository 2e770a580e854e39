import type { TensorType } from '../graph/graph.js';
import { describeNode } from '../graph/graph.js';
import { TfjsOnnxError } from '../tfjs-onnx-error.js';
import { defineKernel, operand, result, type Kernel } from './kernel.js';

interface MultinomialAttrs {
  readonly numSamples: number;
  readonly normalized: boolean;
}

/**
 * Drawing categories. A graph draws no random numbers, so `Multinomial` takes them as an input `uniforms` [B, samples] in [0, 1) beside
 * tfjs's own: a backend puts them there; while a function is traced nobody does, and it is refused.
 */
export const samplings: readonly Kernel[] = [
  defineKernel<MultinomialAttrs>({
    name: 'Multinomial',
    infer: (call): TensorType => {
      if (call.inputs['uniforms'] === undefined) {
        throw new TfjsOnnxError(
          'TFJS_ONNX_HIDDEN_RANDOMNESS',
          `${describeNode(call)}: expected random numbers as an input, got a kernel that draws them itself.`,
          {
            hint: 'Draw uniform numbers on the host and pass them as an input; the category is how many of tf.cumsum(probabilities) are at most that number.',
          },
        );
      }
      const [batch = 1] = operand(call, 'logits').shape;
      return { shape: [batch, call.attrs.numSamples], dtype: 'int32' };
    },
    lower: (node, l) => {
      const [logits, out] = [operand(node, 'logits'), result(node)];
      const [batch = 1, events = 1] = logits.shape;
      const given = l.cast(l.plain(logits), 'float32');
      const probabilities = node.attrs.normalized
        ? given
        : l.emit('Softmax', [given], { axis: -1 }, { shape: logits.shape, dtype: 'float32' });
      const summed = l.emit(
        'CumSum',
        [probabilities, l.constant([], 'int64', [1])],
        {},
        probabilities,
      );
      // The last event takes whatever is left, also where rounding leaves the sum below 1.
      const bounds = l.emit(
        'Slice',
        [summed, l.ints([0]), l.ints([events - 1]), l.ints([1])],
        {},
        {
          shape: [batch, events - 1],
          dtype: 'float32',
        },
      );
      const passed = l.map(
        'LessOrEqual',
        [
          l.reshape(bounds, [batch, 1, events - 1]),
          l.reshape(l.plain(operand(node, 'uniforms')), [...out.shape, 1]),
        ],
        { dtype: 'bool' },
      ); // [B, samples, events − 1]
      l.set(out, l.emit('ReduceSum', [l.cast(passed, 'int32'), l.ints([2])], { keepdims: 0 }, out));
    },
  }),
];
