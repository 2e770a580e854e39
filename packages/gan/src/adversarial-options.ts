import { LapyraError } from '@lapyra/core';
import type { Adversaries } from './adversaries.js';
import type { Augmentation } from './augmentation.js';
import type { GeneratorTerm } from './generator-term.js';
import type { MarginRule } from './margin-rule.js';
import type { TrainingOptions } from './training-options.js';

/** How two networks learn: what people choose in a config, and what a level adds. */
export interface AdversarialOptions extends Omit<TrainingOptions, 'microBatches'> {
  /** @default 1 */
  readonly microBatches?: number;
  /** Weight of being found out in what the generator pays, above 0. @default 1 */
  readonly adversarial?: number;
  /** What it pays besides. @default [] */
  readonly terms?: readonly GeneratorTerm[];
  /**
   * Weight, in [0, 1), of real images shown with the condition of another image, among all that the discriminator should
   * find false; generated images have the rest. 0: there are no such pairs. Source: GAN-CLS, Reed et al. 2016. @default 0
   */
  readonly wrongPairs?: number;
  /** @default null */
  readonly interpolation?: Interpolation | null;
  /** @default null */
  readonly augmentation?: Augmentation | null;
  /**
   * The discriminator is shown real, generated and wrong images in passes of their own, so that batch norm takes each
   * kind's own statistics, as DCGAN's code does; its running statistics are those of real images. @default false: in one
   */
  readonly apart?: boolean;
  /** Which network learns at a step; `null`: both. @default null */
  readonly margin?: MarginRule | null;
  /** Part of the steps, in [0, 1), in which the generator first learns from its terms alone. @default 0 */
  readonly pretraining?: number;
}

/**
 * The generator also learns from images drawn for conditions that no image has: share · a + (1 − share) · b of two images.
 * Source: GAN-INT, Reed et al. 2016.
 */
export interface Interpolation {
  /** Images a step, at least 1. */
  readonly count: number;
  /** In [0, 1]; the paper's is 0.5. */
  readonly share: number;
  /** Of their loss, beside 1 for the others'. */
  readonly weight: number;
}

/** @throws {LapyraError} `LAPYRA_GAN_OPTION` */
export function checkAdversarialOptions(nets: Adversaries, options: AdversarialOptions): void {
  const { adversarial = 1, terms = [], wrongPairs = 0 } = options;
  const { interpolation = null, pretraining = 0, microBatches = 1, batch } = options;
  const { generator, discriminator } = nets;
  const refuse = (expected: string, got: string, hint?: string): never => {
    throw new LapyraError(
      'LAPYRA_GAN_OPTION',
      `adversarial training: expected ${expected}, got ${got}.`,
      hint === undefined ? {} : { hint },
    );
  };
  if (!(wrongPairs >= 0 && wrongPairs < 1)) refuse('wrongPairs in [0, 1)', String(wrongPairs));
  if (wrongPairs > 0 && !discriminator?.wants.includes('condition'))
    refuse('a discriminator that wants the condition where there are wrong pairs', 'none such');
  if (interpolation && !(discriminator && generator.wants.includes('condition')))
    refuse(
      'two networks, of which the generator wants the condition, where conditions are interpolated',
      'others',
    );
  if (!(pretraining >= 0 && pretraining < 1)) refuse('pretraining in [0, 1)', String(pretraining));
  if ((pretraining > 0 || !discriminator) && terms.length === 0)
    refuse('terms that the generator can learn from without an opponent', 'none');
  if (pretraining > 0 && !discriminator) refuse('a discriminator after the pre-training', 'none');
  if (!(adversarial > 0)) refuse('an adversarial weight above 0', String(adversarial));
  if (!(Number.isInteger(microBatches) && microBatches >= 1))
    refuse('microBatches to be a whole number of at least 1', String(microBatches));
  const batches: Record<string, number> = {
    ...(discriminator ? { 'batch.real': batch.real, 'batch.generated': batch.generated } : {}),
    'batch.generator': batch.generator,
    ...(interpolation ? { 'interpolation.count': interpolation.count } : {}),
  };
  for (const [name, images] of Object.entries(batches))
    if (images % microBatches !== 0)
      refuse(
        `microBatches that divide ${name}, ${images} images, into equal parts`,
        String(microBatches),
        `Choose a divisor of ${Object.keys(batches).join(', ')}, or change these.`,
      );
  const names = terms.map(({ name }) => name);
  const taken = ['d', 'g', 'dLearns', 'gLearns', 'finite', ...names].find(
    (name, at, all) => all.indexOf(name) !== at || name.includes('.'),
  );
  if (taken !== undefined) refuse('terms with names of their own, without dots', `'${taken}'`);
}
