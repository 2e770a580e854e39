import * as tf from '@tensorflow/tfjs-core';
import { expectShape } from './expect.js';

/**
 * Rows of two batches: those of `yes` where `chosen` [B] is above ½, of `no` elsewhere. Exact, whatever the other row holds;
 * gradients flow to the chosen rows alone.
 *
 * @param yes [B, …]
 * @param no of the same shape
 * @throws {LapyraError} `LAPYRA_NN_SHAPE`
 */
export function selectRows(chosen: tf.Tensor, yes: tf.Tensor, no: tf.Tensor): tf.Tensor {
  const [batch = 0, ...rest] = yes.shape;
  expectShape('selectRows', chosen, [batch]);
  expectShape('selectRows', no, yes.shape);
  const flags = tf.greater(tf.reshape(chosen, [batch, ...rest.map(() => 1)]), tf.scalar(0.5));
  return tf.where(tf.broadcastTo(flags, yes.shape), yes, no); // [B, …]
}
