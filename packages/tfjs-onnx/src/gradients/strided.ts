import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';

/**
 * The transpose of a strided slice: zeros of `shape` with `part[i]` at `begin + i · stride` along each axis.
 *
 * Made of reverse, reshape, pad and slice, so it has gradients of any order.
 *
 * @param part  as many axes as `shape`
 * @param strides  not 0; a negative stride walks backwards from `begin`
 */
export function spreadStrided(
  part: Tensor,
  shape: readonly number[],
  begin: readonly number[],
  strides: readonly number[],
): Tensor {
  const backwards = strides.flatMap((stride, axis) =>
    stride < 0 && (part.shape[axis] as number) > 1 ? [axis] : [],
  );
  let spread = backwards.length > 0 ? tf.reverse(part, backwards) : part;
  shape.forEach((total, axis) => {
    const n = part.shape[axis] as number;
    const step = Math.abs(strides[axis] as number);
    const first = (begin[axis] as number) - (backwards.includes(axis) ? (n - 1) * step : 0);
    spread = place(step > 1 && n > 1 ? dilate(spread, axis, step) : spread, axis, first, total);
  });
  return spread === part ? part.clone() : spread;
}

/** `step − 1` zeros between neighbours along `axis`: size n becomes (n − 1) · step + 1. */
function dilate(x: Tensor, axis: number, step: number): Tensor {
  const before = x.shape.slice(0, axis);
  const n = x.shape[axis] as number;
  const after = x.shape.slice(axis + 1);
  const split = tf.reshape(x, [...before, n, 1, ...after]);
  const padded = tf.pad(split, padding(split.rank, axis + 1, 0, step - 1)); // [..., n, step, ...]
  const joined = tf.reshape(padded, [...before, n * step, ...after]);
  const size = joined.shape.map((_, i) => (i === axis ? (n - 1) * step + 1 : -1));
  return tf.slice(
    joined,
    size.map(() => 0),
    size,
  );
}

function place(x: Tensor, axis: number, first: number, total: number): Tensor {
  const rest = total - first - (x.shape[axis] as number);
  return first === 0 && rest === 0 ? x : tf.pad(x, padding(x.rank, axis, first, rest));
}

function padding(rank: number, axis: number, before: number, after: number): [number, number][] {
  return Array.from({ length: rank }, (_, i) => (i === axis ? [before, after] : [0, 0]));
}
