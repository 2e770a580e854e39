import type { RandomInput, Tensors } from '@lapyra/core';
import type { Tensor } from '@tensorflow/tfjs-core';

/**
 * A random, differentiable change of what the discriminator sees, of real and generated images alike, so that a small
 * training set is not learnt by heart. Source: Zhao et al. 2020.
 */
export interface Augmentation {
  /** Random inputs for a batch of images. */
  random(batch: number): Readonly<Record<string, RandomInput>>;
  /**
   * @param images [B, H, W, C]
   * @param random what it asked for
   */
  apply(images: Tensor, random: Tensors): Tensor;
}
