import { burtAdelsonTransform, definePlugin, type Plugin } from '@lapyra/core';
import { separableTensorTransform } from '@lapyra/nn';
import * as v from 'valibot';

/** This transform has no options. */
type NoOptions = Record<string, never>;

/**
 * The pyramid of Burt and Adelson: a kernel of five pixels (a = 0.4) down and up, each size twice the one below, level
 * by level. Without options.
 */
export const burtAdelson: Plugin<'transform', NoOptions, NoOptions> = definePlugin({
  kind: 'transform',
  use: '@lapyra/transform-laplacian#burtAdelson',
  summary: 'Five-pixel Gaussian kernel down and up (Burt and Adelson 1983); sizes that double.',
  options: v.strictObject({}),
  create: () => ({
    plain: burtAdelsonTransform,
    tensor: separableTensorTransform(burtAdelsonTransform),
  }),
});
