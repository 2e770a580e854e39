import type { StepTraining, TensorProgram } from '@lapyra/core';
import { conditionWidth } from '@lapyra/core';
import { type Adversaries, adversarialTraining, type GeneratorTerm } from '@lapyra/gan';
import { differentiableAugmentation, inference, scoped } from '@lapyra/nn';
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
  const { interpolation, augmentation, batch } = options;
  const change = augmentation && differentiableAugmentation(augmentation);
  const training = adversarialTraining(nets, {
    ...options,
    terms,
    interpolation: interpolation && {
      ...interpolation,
      count: interpolation.count ?? Math.max(1, Math.floor(batch.generator / 2)),
    },
    augmentation: change && {
      random: (images) => change.masks(images),
      apply: (images, masks) => change.apply({}, images, { training: true, masks, updates: null }),
    },
  });
  return { ...training, critic: { program: criticProgram(nets), loss: options.loss } };
}

/** From `image` and `condition` to `logits` [B, 1]: above 0 for a real image with a right text. */
function criticProgram({ place, discriminator }: Adversaries): TensorProgram {
  const d = scoped('d.', discriminator!); // both levels have one
  return {
    name: 'critic',
    reads: Object.keys(d.state),
    writes: [],
    inputs: {
      image: { dtype: 'float32', shape: [null, ...place.size, place.channels] },
      condition: { dtype: 'float32', shape: [null, conditionWidth(place.condition)] },
    },
    outputs: { logits: 'float32' },
    run: (state, inputs) => ({
      state: {},
      outputs: { logits: d.apply(state, inputs, inference) },
    }),
  };
}
