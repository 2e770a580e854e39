import { boxBilinearTransform, definePlugin, type Plugin } from '@lapyra/core';
import { separableTensorTransform } from '@lapyra/nn';
import * as v from 'valibot';

/** This transform has no options. */
type NoOptions = Record<string, never>;

/**
 * The resampling of the LAPGAN authors, for any sizes that grow: d is a box average, u is bilinear with aligned corners,
 * and every scale comes straight from the full-size image. Without options.
 */
export const boxBilinear: Plugin<'transform', NoOptions, NoOptions> = definePlugin({
  kind: 'transform',
  use: '@lapyra/transform-laplacian#boxBilinear',
  summary:
    'Box average down, bilinear with aligned corners up: the resampling of LAPGAN; any sizes.',
  options: v.strictObject({}),
  create: () => ({
    plain: boxBilinearTransform,
    tensor: separableTensorTransform(boxBilinearTransform),
  }),
});
