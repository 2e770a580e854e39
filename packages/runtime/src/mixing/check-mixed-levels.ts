import { LapyraError } from '@lapyra/core';
import { mayMix } from '@lapyra/training';
import type { Pyramid } from '../composition/pyramid.js';

/**
 * Refuses what cannot be mixed, by the names of the levels.
 *
 * @throws {LapyraError} `LAPYRA_MIX_MISFIT`
 */
export function checkMixedLevels({ config, levels }: Omit<Pyramid, 'transform'>): void {
  for (const [index, { name, model, generatedCoarse }] of config.levels.entries()) {
    if (!generatedCoarse) continue;
    const what = `level ${name}, generatedCoarse`;
    if (index === 0) {
      throw new LapyraError(
        'LAPYRA_MIX_MISFIT',
        `${what}: expected a level above another, got the first one.`,
        { hint: 'Nothing is generated below it: leave generatedCoarse out.' },
      );
    }
    if (mayMix(levels[index]!)) continue;
    throw new LapyraError(
      'LAPYRA_MIX_MISFIT',
      `${what}: expected a level that can learn on generated coarse images, got ${model.use}, which marks no such draws.`,
      { hint: 'Leave generatedCoarse out at this level, or use another plugin.' },
    );
  }
}
