import {
  definePlugin,
  LapyraError,
  type Level,
  type LevelPlace,
  plane,
  type Plugin,
  sizeName,
} from '@lapyra/core';
import { drawBands, patchStore } from './draw-bands.js';
import { fitPatches } from './fit-patches.js';
import { patchLayout } from './patch-layout.js';
import { type PatchInput, patchOptions, type PatchOptions } from './patch-options.js';

/**
 * A refining level without a network: for each patch of the enlarged image below it takes the detail of a similar patch of
 * the training images, and blends where patches overlap. The noise chooses among the best ones.
 *
 * W. T. Freeman, T. R. Jones, E. C. Pasztor: "Example-based super-resolution", IEEE Computer Graphics and Applications 22
 * (2002), 56–65, doi:10.1109/38.988747; the copying of patches that agree with those already placed also as in A. A. Efros,
 * W. T. Freeman: "Image quilting for texture synthesis and transfer", SIGGRAPH 2001, doi:10.1145/383259.383296.
 */
export const patches: Plugin<'level', PatchInput, PatchOptions> = definePlugin({
  kind: 'level',
  use: '@lapyra/level-patch#patches',
  summary: 'copies detail from similar patches of the training images',
  options: patchOptions,
  create: createPatches,
});

function createPatches(options: PatchOptions, place: LevelPlace): Level {
  const { size, coarse } = place;
  if (!coarse) {
    throw new LapyraError(
      'LAPYRA_LEVEL_PLACE',
      `patches at ${sizeName(size)}: expected a level below, got the first place of the pyramid.`,
      { hint: 'Use it above a first level, such as dense() of @lapyra/level-adversarial.' },
    );
  }
  if (Math.min(...size) < options.patch) {
    throw new LapyraError(
      'LAPYRA_LEVEL_PLACE',
      `patches at ${sizeName(size)}: expected images of at least ${options.patch}×${options.patch}, the size of a patch, got ${sizeName(size)}.`,
      { hint: 'Set a smaller patch.' },
    );
  }
  const layout = patchLayout(size, options.patch, options.step);
  const grid = [layout.rows.length, layout.columns.length] as const;
  return {
    place,
    noise: options.neighbours > 1 ? { choice: plane(grid) } : {},
    output: 'band',
    sampler: {
      kind: 'host',
      open: async (state) => {
        const store = patchStore(state);
        return {
          sample: async ({ low, 'noise.choice': noise }, work) =>
            drawBands({ options, layout, store, low: low!, noise, work }),
          dispose: async () => undefined,
        };
      },
    },
    training: {
      kind: 'host',
      fit: async (data, context) => fitPatches(options, place, data, context),
    },
  };
}
