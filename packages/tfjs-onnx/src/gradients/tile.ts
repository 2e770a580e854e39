import {
  BroadcastTo,
  reshape,
  sum,
  Tile,
  type GradConfig,
  type Tensor,
} from '@tensorflow/tfjs-core';
import { sumTo } from './input-like.js';
import { unaryGradient } from './kernel-gradient.js';

/** Gradients of repeating: the sum over the copies. */
export const tileGradients: readonly GradConfig[] = [
  unaryGradient<{ reps: number[] }>(Tile, (dy, x, { reps }) => sumCopies(dy, x.shape, reps)),
  unaryGradient(BroadcastTo, (dy, x) => sumTo(dy, x.shape)),
];

function sumCopies(dy: Tensor, shape: readonly number[], reps: readonly number[]): Tensor {
  const split: number[] = []; // [..., copies, size, ...] where there are copies, [..., size, ...] elsewhere
  const copies: number[] = [];
  shape.forEach((size, axis) => {
    const times = reps[axis] as number;
    if (times !== 1) copies.push(split.push(times) - 1);
    if (times === 1 || size !== 1) split.push(size);
  });
  return reshape(copies.length === 0 ? dy : sum(reshape(dy, split), copies), [...shape]);
}
