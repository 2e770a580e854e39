import type { StepTraining } from '@lapyra/core';
import {
  type Adversaries,
  adversarialTraining,
  augmentationOf,
  type GeneratorTerm,
} from '@lapyra/gan';
import type { TextOptions } from './options.js';

/**
 * The training of two networks that are told texts: {real, right text} is to be told from {real, wrong text} (GAN-CLS) and {drawn,
 * right text}, and the generator also draws for texts between two others (GAN-INT). The discriminator can be asked afterwards how well
 * image and text go together: it is the level's critic.
 */
export function textTraining(
  nets: Adversaries,
  options: TextOptions,
  terms: readonly GeneratorTerm[] = [],
): StepTraining {
  const { interpolation, augmentation, batch, discriminator } = options;
  return adversarialTraining(nets, {
    ...options,
    terms,
    interpolation: interpolation && {
      ...interpolation,
      count: interpolation.count ?? Math.max(1, Math.floor(batch.generator / 2)),
    },
    augmentation: augmentationOf(augmentation),
    apart: discriminator.batchNorm,
  });
}
