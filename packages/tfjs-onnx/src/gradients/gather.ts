// Picking elements by index, and its transposes. Indices have the gradient 0.
import * as tf from '@tensorflow/tfjs-core';
import type { GradConfig, Tensor, Tensor1D } from '@tensorflow/tfjs-core';
import { zeroGradient } from './input-like.js';
import { kernelGradient, type InputGradients } from './kernel-gradient.js';

interface GatherAttrs {
  axis: number;
  batchDims?: number;
}

/** Gradients of `gather` (elements taken several times add up), `unsortedSegmentSum`, `gatherND` and `scatterND`. */
export const gatherGradients: readonly GradConfig[] = [
  indexed<GatherAttrs>(tf.GatherV2, 'x', 'indices', gatherGradient),
  indexed<{ numSegments: number }>(
    tf.UnsortedSegmentSum,
    'x',
    'segmentIds',
    (dy, _x, ids, { numSegments }) => {
      // Rows with an identifier outside the range were left out of the sum.
      const counted = tf.logicalAnd(tf.greaterEqual(ids, 0), tf.less(ids, numSegments));
      const rows = tf.gather(dy, tf.mul(ids, tf.cast(counted, 'int32')));
      const mask = tf.reshape(
        tf.cast(counted, 'float32'),
        rows.shape.map((_, axis) => (axis < ids.rank ? (ids.shape[axis] as number) : 1)),
      );
      return tf.mul(rows, mask);
    },
  ),
  indexed(tf.GatherNd, 'params', 'indices', (dy, params, indices) =>
    tf.scatterND(indices, dy, params.shape),
  ),
  indexed(tf.ScatterNd, 'updates', 'indices', (dy, _updates, indices) => tf.gatherND(dy, indices)),
];

function indexed<Attrs>(
  kernel: string,
  values: string,
  indices: string,
  gradient: (dy: Tensor, x: Tensor, indices: Tensor, attrs: Attrs) => Tensor,
): GradConfig {
  return kernelGradient<Attrs>(kernel, [values, indices], (dy, saved, attrs): InputGradients => {
    const [x, ids] = saved as [Tensor, Tensor];
    return { [values]: () => gradient(dy, x, ids, attrs), [indices]: () => zeroGradient(ids) };
  });
}

function gatherGradient(dy: Tensor, x: Tensor, indices: Tensor, attrs: GatherAttrs): Tensor {
  const axis = attrs.axis < 0 ? attrs.axis + x.rank : attrs.axis;
  const batchDims = attrs.batchDims ?? 0;
  const batchRank = batchDims < 0 ? batchDims + indices.rank : batchDims;
  const batch = size(x.shape.slice(0, batchRank));
  const outer = size(x.shape.slice(batchRank, axis));
  const rows = x.shape[axis] as number;
  const inner = size(x.shape.slice(axis + 1));
  const taken = indices.size / batch;

  const grouped = swap(tf.reshape(dy, [batch, outer, taken, inner])); // [batch, taken, outer, inner]
  const flat = tf.reshape(grouped, [batch * taken, outer * inner]);
  const summed = tf.unsortedSegmentSum(flat, flatIndices(indices, batch, rows), batch * rows);
  return tf.reshape(swap(tf.reshape(summed, [batch, rows, outer, inner])), x.shape);
}

/** Indices into all batches' rows, laid end to end. */
function flatIndices(indices: Tensor, batch: number, rows: number): Tensor1D {
  if (batch === 1) return tf.reshape(indices, [-1]);
  const offsets = tf.range(0, batch * rows, rows, 'int32'); // [batch]
  const each = tf.reshape(indices, [batch, -1]);
  return tf.reshape(tf.add(each, tf.reshape(offsets, [batch, 1])), [-1]);
}

function swap(x: Tensor): Tensor {
  const [, second, third] = x.shape;
  return second === 1 || third === 1
    ? tf.reshape(x, [x.shape[0], third as number, second as number, x.shape[3] as number])
    : tf.transpose(x, [0, 2, 1, 3]);
}

function size(shape: readonly number[]): number {
  return shape.reduce((total, n) => total * n, 1);
}
