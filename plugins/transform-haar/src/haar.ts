import { definePlugin, haarTransform, type Plugin } from '@lapyra/core';
import { separableTensorTransform } from '@lapyra/nn';
import * as v from 'valibot';

/** This transform has no options. */
type NoOptions = Record<string, never>;

/**
 * The orthonormal Haar pyramid: a coarse pixel is half the sum of its block of 2×2, each size twice the one below, level
 * by level. Lengths are kept, so likelihoods of the parts add up to that of the image. Without options.
 */
export const haar: Plugin<'transform', NoOptions, NoOptions> = definePlugin({
  kind: 'transform',
  use: '@lapyra/transform-haar#haar',
  summary: 'Orthonormal Haar pyramid, for likelihoods; sizes that double.',
  options: v.strictObject({}),
  create: () => ({ plain: haarTransform, tensor: separableTensorTransform(haarTransform) }),
});
