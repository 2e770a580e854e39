import type { NoiseDesign, NoNoise, Tensors } from '@lapyra/core';
import * as tf from '@tensorflow/tfjs-core';
import { expectTensor } from './expect.js';
import type { StateSpec } from './module.js';

/** A learned factor on noise, or nothing. */
export interface NoiseGain {
  /** `gain` [planes] or [1]; empty without one. */
  readonly state: StateSpec;
  /** x [B, …, planes] times the gain. */
  apply(state: Tensors, x: tf.Tensor): tf.Tensor;
}

/**
 * The gain of a noise design: one factor a plane, or one for all, beginning at the same number; after the per-channel
 * noise scales of StyleGAN (Karras et al. 2019), which begin at 0.
 */
export function noiseGain(design: Exclude<NoiseDesign, NoNoise>, planes: number): NoiseGain {
  const { gain, gainPer } = design;
  if (gain === null) return { state: {}, apply: (_state, x) => x };
  const count = gainPer === 'plane' ? planes : 1;
  return {
    state: { gain: { shape: [count], role: 'weight', initial: { fill: gain } } },
    apply: (state, x) => tf.mul(x, expectTensor('noiseGain', state, 'gain')),
  };
}
