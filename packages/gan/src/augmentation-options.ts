import {
  type AugmentationOptions,
  differentiableAugmentation,
  paperAugmentation,
} from '@lapyra/nn';
import * as v from 'valibot';
import type { Augmentation } from './augmentation.js';
import { share, weight } from './training-options.js';

/** How strongly, as an option of a level; `null`: not at all. */
export type AugmentationChoice = Required<AugmentationOptions> | null;

const upToOne = v.pipe(v.number(), v.minValue(0), v.maxValue(1));
const { brightness, saturation, contrast, translation, cutout } = paperAugmentation;

/**
 * Differentiable augmentation as an option: `v.optional(augmentationChoice, null)`. `{}` has the strengths of the paper
 * (Zhao et al. 2020), which are for images on [−1, 1]; 0 leaves a change out.
 */
// The cast: valibot writes `x?: number | undefined` where the interfaces, with exact optional properties, say `x?: number`.
export const augmentationChoice: v.GenericSchema<AugmentationOptions | null, AugmentationChoice> =
  v.nullable(
    v.strictObject({
      brightness: v.optional(weight, brightness),
      saturation: v.optional(upToOne, saturation),
      contrast: v.optional(upToOne, contrast),
      translation: v.optional(share, translation),
      cutout: v.optional(share, cutout),
    }),
  ) as v.GenericSchema<AugmentationOptions | null, AugmentationChoice>;

/** What the options of an adversarial training take. */
export function augmentationOf(choice: AugmentationChoice): Augmentation | null {
  if (!choice) return null;
  const changes = differentiableAugmentation(choice);
  return {
    random: (batch) => changes.masks(batch),
    apply: (images, random) =>
      changes.apply({}, images, { training: true, masks: random, updates: null }),
  };
}
