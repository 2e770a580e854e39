import * as tf from '@tensorflow/tfjs-core';
import { expectOption, expectShape, expectTensor, isWhole } from './expect.js';
import type { Module } from './module.js';

export interface DropoutOptions {
  /** Probability that a value stays, in (0, 1]. */
  readonly keep: number;
  /** Shape of the mask per image; a length of 1 is shared: [1, 1, C] drops whole planes. */
  readonly shape: readonly number[];
}

/**
 * Inverted dropout by a given mask (1/keep or 0), which the host draws: its random input is `mask` [batch, …shape].
 * In a pass that is not training it passes x on. With a mask [1, 1, C] for images [B, H, W, C] it is spatial dropout, which
 * leaves out whole planes (Tompson et al. 2015).
 *
 * @throws {LapyraError} `LAPYRA_NN_OPTION`; in use `LAPYRA_NN_MISSING`, `LAPYRA_NN_SHAPE`
 */
export function dropout({ keep, shape }: DropoutOptions): Module {
  expectOption('dropout', keep > 0 && keep <= 1, 'keep in (0, 1]', keep);
  expectOption(
    'dropout',
    shape.every((side) => isWhole(side)),
    'a shape per image',
    shape,
  );
  return {
    state: {},
    masks: (batch) => ({ mask: { shape: [batch, ...shape], distribution: { keep } } }),
    apply: (_state, x, { training, masks }) => {
      if (!training) return x;
      const mask = expectTensor('dropout', masks, 'mask');
      expectShape(
        'dropout',
        x,
        mask.shape.map((side, axis) => (axis > 0 && side === 1 ? 'N' : side)),
      );
      return tf.mul(x, mask);
    },
  };
}
