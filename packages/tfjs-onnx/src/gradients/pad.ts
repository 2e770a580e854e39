import * as tf from '@tensorflow/tfjs-core';
import type { GradConfig, Tensor } from '@tensorflow/tfjs-core';
import { unaryGradient } from './kernel-gradient.js';

interface PadAttrs {
  paddings: [number, number][];
}

/** Gradients of padding with a constant and by mirroring. */
export const padGradients: readonly GradConfig[] = [
  unaryGradient<PadAttrs>(tf.PadV2, (dy, x, { paddings }) =>
    tf.slice(
      dy,
      paddings.map(([before]) => before),
      paddings.map(([before, after], axis) =>
        before === 0 && after === 0 ? -1 : (x.shape[axis] as number),
      ),
    ),
  ),
  unaryGradient<PadAttrs & { mode: 'reflect' | 'symmetric' }>(
    tf.MirrorPad,
    (dy, x, { paddings, mode }) => {
      // 'reflect' leaves the border itself out of the mirror image.
      const border = mode === 'reflect' ? 1 : 0;
      return paddings.reduce(
        (sum, [before, after], axis) =>
          before === 0 && after === 0
            ? sum
            : foldMirror(sum, axis, x.shape[axis] as number, before, after, border),
        dy.clone(),
      );
    },
  ),
];

/** Adds the mirrored borders of one axis back onto the elements that they copy. */
function foldMirror(
  dy: Tensor,
  axis: number,
  size: number,
  before: number,
  after: number,
  border: number,
): Tensor {
  let folded = cut(dy, axis, before, size);
  if (before > 0) {
    const mirrored = tf.reverse(cut(dy, axis, 0, before), axis);
    folded = tf.add(folded, widen(mirrored, axis, border, size));
  }
  if (after > 0) {
    const mirrored = tf.reverse(cut(dy, axis, before + size, after), axis);
    folded = tf.add(folded, widen(mirrored, axis, size - after - border, size));
  }
  return folded;
}

function cut(x: Tensor, axis: number, begin: number, size: number): Tensor {
  return tf.slice(
    x,
    x.shape.map((_, i) => (i === axis ? begin : 0)),
    x.shape.map((_, i) => (i === axis ? size : -1)),
  );
}

function widen(x: Tensor, axis: number, before: number, size: number): Tensor {
  return tf.pad(
    x,
    x.shape.map((n, i): [number, number] => (i === axis ? [before, size - before - n] : [0, 0])),
  );
}
