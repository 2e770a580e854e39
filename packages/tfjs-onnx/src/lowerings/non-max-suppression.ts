import type { TensorType } from '../graph/graph.js';
import { defineKernel, operand, unsupported, type Kernel } from './kernel.js';

interface SuppressionAttrs {
  readonly maxOutputSize: number;
  readonly iouThreshold: number;
  readonly scoreThreshold: number;
  readonly padToMaxOutputSize: boolean;
}

/** The best boxes that do not overlap, filled up with zeros to a fixed number, and how many there are. */
export const suppressions: readonly Kernel[] = [
  defineKernel<SuppressionAttrs>({
    name: 'NonMaxSuppressionV4',
    infer: (call): TensorType[] => {
      if (!call.attrs.padToMaxOutputSize)
        throw unsupported(
          call,
          'padToMaxOutputSize false, where the number of boxes depends on values,',
          'Call tf.image.nonMaxSuppressionPadded with padToMaxOutputSize true.',
        );
      return [
        { shape: [call.attrs.maxOutputSize], dtype: 'int32' },
        { shape: [], dtype: 'int32' },
      ];
    },
    lower: (node, l) => {
      const [chosen, valid] = node.outputs;
      if (chosen === undefined || valid === undefined) throw new Error('two outputs');
      const [boxes, scores] = [operand(node, 'boxes'), operand(node, 'scores')];
      const [count = 0] = boxes.shape;
      const { maxOutputSize, iouThreshold, scoreThreshold } = node.attrs;
      const found = l.emit(
        'NonMaxSuppression',
        [
          l.reshape(l.plain(boxes), [1, count, 4]),
          l.reshape(l.plain(scores), [1, 1, count]),
          l.ints([maxOutputSize]),
          l.constant([1], 'float32', [justBelow(iouThreshold)]),
          l.constant([1], 'float32', [scoreThreshold]),
        ],
        {},
        { shape: [maxOutputSize, 3], dtype: 'int64', open: true },
      ); // [found, (batch, class, box)]
      const at = l.emit(
        'Gather',
        [found, l.constant([], 'int64', [2])],
        { axis: 1 },
        {
          shape: [maxOutputSize],
          dtype: 'int64',
          open: true,
        },
      );
      const zeros = l.expand(l.scalar(0, 'int64'), [maxOutputSize]);
      const filled = l.emit(
        'Concat',
        [at, zeros],
        { axis: 0 },
        {
          shape: [2 * maxOutputSize],
          dtype: 'int64',
          open: true,
        },
      );
      const cut = l.emit(
        'Slice',
        [filled, l.ints([0]), l.ints([maxOutputSize]), l.ints([0])],
        {},
        {
          shape: chosen.shape,
          dtype: 'int64',
        },
      );
      l.set(chosen, l.cast(cut, 'int32'));
      const length = l.emit('Shape', [at], {}, { shape: [1], dtype: 'int64' });
      l.set(valid, l.cast(l.reshape(length, []), 'int32'));
    },
    flop: (node) => 16 * (operand(node, 'boxes').shape[0] ?? 0) * node.attrs.maxOutputSize,
  }),
];

/** tfjs drops a box whose overlap reaches the threshold, ONNX one whose overlap exceeds it: the next smaller float32. */
function justBelow(threshold: number): number {
  const value = new Float32Array([threshold]);
  const bits = new Int32Array(value.buffer);
  if ((value[0] ?? 0) > 0) bits[0] = (bits[0] ?? 0) - 1;
  return value[0] ?? 0;
}
