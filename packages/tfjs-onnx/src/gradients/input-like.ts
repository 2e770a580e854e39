import { cast, reshape, sum, zerosLike, type Tensor } from '@tensorflow/tfjs-core';

/** `x` as float32, as every gradient must be. */
export function toFloat(x: Tensor): Tensor {
  return x.dtype === 'float32' ? x : cast(x, 'float32');
}

/** Zeros with the shape of `x`, made by a kernel: `tf.zeros` would bake an array of that size into a traced graph. */
export function zeroGradient(x: Tensor): Tensor {
  return zerosLike(toFloat(x));
}

/** The transpose of broadcasting: sums `dy` down to `shape`. */
export function sumTo(dy: Tensor, shape: readonly number[]): Tensor {
  const lead = dy.rank - shape.length;
  const axes = dy.shape.flatMap((size, axis) => {
    const source = axis < lead ? 1 : shape[axis - lead];
    return source === 1 && (axis < lead || size !== 1) ? [axis] : [];
  });
  const summed = axes.length > 0 ? sum(dy, axes, true) : dy;
  // A new tensor in any case: tfjs disposes of gradients after it has added them up.
  return summed.rank === shape.length && summed !== dy ? summed : reshape(summed, [...shape]);
}
