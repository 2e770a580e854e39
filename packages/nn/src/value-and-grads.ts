import '@lapyra/tfjs-onnx/gradients';
import { LapyraError, type Tensors } from '@lapyra/core';
import * as tf from '@tensorflow/tfjs-core';
import { expectShape } from './expect.js';

/** A scalar loss, and other tensors that were made on the way and are wanted outside. */
export interface LossWithAux {
  readonly loss: tf.Tensor;
  readonly aux: Tensors;
}

export interface ValueAndGrads {
  /** Shape []. */
  readonly loss: tf.Scalar;
  /** What the loss function gave beside the loss; no gradients flow from here. */
  readonly aux: Record<string, tf.Tensor>;
  /** ∂loss/∂weight for each weight, by the same names and of the same shapes. */
  readonly gradients: Record<string, tf.Tensor>;
}

/**
 * A loss and its gradients by named weights. Only `weights` are differentiated: other state that the function closes
 * over counts as given. New running statistics and other tensors made inside `loss` live on only if returned as `aux`.
 * May be nested, for penalties on gradients.
 *
 * @throws {LapyraError} `LAPYRA_NN_SHAPE` if the loss is not a scalar; `LAPYRA_NN_NO_GRADIENT` naming the weights that
 * the loss does not depend on
 */
export function valueAndGrads(
  loss: (weights: Tensors) => tf.Tensor | LossWithAux,
  weights: Tensors,
): ValueAndGrads {
  const names = Object.keys(weights);
  const kept: Record<string, tf.Tensor> = {};
  try {
    const forward = (): tf.Tensor => {
      const result = loss(weights);
      const value = 'loss' in result ? result.loss : result;
      // tfjs frees what a differentiated function makes, unless it is kept.
      const aux = 'loss' in result ? result.aux : {};
      for (const [name, tensor] of Object.entries(aux)) kept[name] = tf.keep(tf.clone(tensor));
      return value;
    };
    const { value, grads } = differentiate(forward, Object.values(weights));
    // Not before: what tfjs saved for a gradient is freed only by computing it.
    expectShape('valueAndGrads', value, []);
    const missing = names.filter((_, index) => !grads[index]);
    if (missing.length > 0) {
      throw new LapyraError(
        'LAPYRA_NN_NO_GRADIENT',
        `valueAndGrads: expected a loss that depends on every weight, got one that does not depend on ${missing.join(', ')}.`,
        { hint: 'Leave these weights out, or use them in the loss.' },
      );
    }
    return {
      loss: value as tf.Scalar,
      aux: Object.fromEntries(
        Object.entries(kept).map(([name, tensor]) => [name, tf.clone(tensor)]),
      ),
      gradients: Object.fromEntries(
        names.flatMap((name, index) => {
          const gradient = grads[index];
          return gradient ? [[name, gradient]] : [];
        }),
      ),
    };
  } finally {
    for (const tensor of Object.values(kept)) tensor.dispose();
  }
}

/** y = f() and ∂Σy/∂x for each x; `undefined` where y does not depend on it. */
export function differentiate(
  f: () => tf.Tensor,
  xs: tf.Tensor[],
): { value: tf.Tensor; grads: (tf.Tensor | undefined)[] } {
  return tf.engine().gradients(f, xs, undefined, true);
}
