import {
  definePlugin,
  type FeatureNet,
  LapyraError,
  type Level,
  type LevelPlace,
  type Plugin,
  sizeName,
} from '@lapyra/core';
import {
  type Adversaries,
  adversarialSampler,
  adversarialTraining,
  type GeneratorTerm,
  lowPassTerm,
  network,
  pixelTerm,
  totalVariationTerm,
} from '@lapyra/gan';
import { contentTerm } from './content-term.js';
import { pairedDiscriminator } from './discriminator.js';
import { residualGenerator } from './generator.js';
import {
  type SuperResolveInput,
  type SuperResolveOptions,
  superResolveOptions,
} from './super-resolve-options.js';

/**
 * A refining level by super-resolution: a residual network that learns from the true image, from features of it, from an
 * adversary, or from all of these. It draws without noise: the same image for the same coarse one.
 *
 * With its defaults it is SRGAN (Ledig et al. 2017, with the total variation of its first version).
 */
export const superResolve: Plugin<'level', SuperResolveInput, SuperResolveOptions> = definePlugin({
  kind: 'level',
  use: '@lapyra/level-super-resolution#superResolve',
  summary: 'a residual network that learns from the true image, its features, an adversary, or all',
  options: superResolveOptions,
  parts: { features: 'features' },
  create: (options, place, { features }) => createSuperResolve(options, place, features),
});

function createSuperResolve(
  options: SuperResolveOptions,
  place: LevelPlace,
  features: FeatureNet | undefined,
): Level {
  const { output, losses, game, pretraining } = options;
  if (!place.coarse) {
    throw new LapyraError(
      'LAPYRA_LEVEL_PLACE',
      `superResolve at ${sizeName(place.size)}: expected a level below, got the first place of the pyramid.`,
      { hint: 'It refines an image: put it above a first level, such as dense().' },
    );
  }
  const below = options.generator.upsampling === 'before' ? 'low' : 'coarse';
  const nets: Adversaries = {
    place,
    noise: {},
    output,
    generator: network(
      residualGenerator(options.generator, place),
      [below],
      (inputs) => inputs[below]!,
    ),
    discriminator:
      losses.adversarial > 0
        ? network(pairedDiscriminator(options.discriminator, place), [], ({ image }) => image!)
        : null,
  };
  return {
    place,
    noise: {},
    output,
    sampler: adversarialSampler(`superResolve ${sizeName(place.size)}`, nets),
    training: adversarialTraining(nets, {
      ...options,
      loss: game,
      pretraining,
      apart: options.discriminator.batchNorm,
      terms: terms(options, place, features),
      ...(losses.adversarial > 0 ? { adversarial: losses.adversarial } : {}),
    }),
  };
}

function terms(
  { output, losses }: SuperResolveOptions,
  place: LevelPlace,
  features: FeatureNet | undefined,
): readonly GeneratorTerm[] {
  const { pixel, content, variation, lowPass } = losses;
  return [
    ...(pixel.weight > 0 ? [pixelTerm(output, pixel.weight, pixel.kind)] : []),
    ...(content.weight > 0 && features
      ? [contentTerm(features, content.layer, content.weight, place)]
      : []),
    ...(variation > 0 ? [totalVariationTerm(variation)] : []),
    ...(lowPass > 0 ? [lowPassTerm(place, lowPass)] : []),
  ];
}
