import * as tf from '@tensorflow/tfjs-core';
import * as v from 'valibot';
import { weight } from './training-options.js';

/**
 * Which network learns at a step, by what the discriminator pays for the images that it is shown: where generated images
 * cost it more than real ones by a margin, it alone; else the generator, and it too if real images cost it much. Source:
 * github.com/facebook/eyescream, lsun/train.lua.
 */
export interface MarginRule {
  /** By how much more generated images cost the discriminator where it learns alone. @default 0.3 */
  readonly ahead: number;
  /** What real images cost it above which it learns beside the generator. @default 0.7 */
  readonly lost: number;
}

/** The rule as an option: `v.optional(marginRule, null)`. `{}` has the authors' numbers. */
// The cast: valibot writes `x?: number | undefined` where the interfaces, with exact optional properties, say `x?: number`.
export const marginRule: v.GenericSchema<Partial<MarginRule> | null, MarginRule | null> =
  v.nullable(
    v.strictObject({ ahead: v.optional(weight, 0.3), lost: v.optional(weight, 0.7) }),
  ) as v.GenericSchema<Partial<MarginRule> | null, MarginRule | null>;

/**
 * 1 for a network that learns, else 0.
 *
 * @param real what real images cost the discriminator, shape []
 * @param fake what generated images cost it, shape []
 */
export function marginGates(
  real: tf.Tensor,
  fake: tf.Tensor,
  { ahead, lost }: MarginRule,
): { readonly d: tf.Tensor; readonly g: tf.Tensor } {
  const fooled = tf.greater(fake, tf.add(real, ahead));
  return {
    d: tf.cast(tf.logicalOr(fooled, tf.greater(real, lost)), 'float32'),
    g: tf.cast(tf.logicalNot(fooled), 'float32'),
  };
}
