import { LapyraError } from './error.js';
import type { Level } from './level.js';
import { conditionWidth } from './condition.js';
import type { InputSpec, TensorProgram } from './tensor-program.js';
import { sizeName } from './size.js';
import type { TensorTransform } from './transform.js';

/**
 * The whole of a level as one tensor program, as it is sampled and exported: from `coarse` [B, h, w, C], `condition`
 * [B, width] and `noise.<name>` [B, …] to `image` [B, H, W, C], normalised. u and the adding of the band are inside.
 *
 * @throws {LapyraError} `LAPYRA_LEVEL_HOST` if the level's sampler is not a tensor program
 */
export function levelProgram(level: Level, transform: TensorTransform): TensorProgram {
  const { sampler, place, output } = level;
  const name = sizeName(place.size);
  if ('kind' in sampler) {
    throw new LapyraError(
      'LAPYRA_LEVEL_HOST',
      `level ${name}: expected a tensor program, got a sampler that runs on the host.`,
      {
        hint: 'Such a level takes part in sampling, but cannot be compiled or exported.',
      },
    );
  }
  const inputs: Record<string, InputSpec> = {};
  const { coarse } = place;
  if (coarse) inputs['coarse'] = { dtype: 'float32', shape: [null, ...coarse, place.channels] };
  const width = conditionWidth(place.condition);
  if (width > 0) inputs['condition'] = { dtype: 'float32', shape: [null, width] };
  for (const [key, { shape }] of Object.entries(level.noise)) {
    inputs[`noise.${key}`] = { dtype: 'float32', shape: [null, ...shape] };
  }
  return {
    name: `level ${name}`,
    reads: sampler.reads,
    writes: [],
    inputs,
    outputs: { image: 'float32' },
    run: (state, given) => {
      const from = given['coarse'];
      const low = from ? transform.upsample(from, place.size) : undefined; // [B, H, W, C]
      const { outputs } = sampler.run(state, low ? { ...given, low } : given);
      const drawn = outputs[output];
      if (!drawn)
        throw new LapyraError(
          'LAPYRA_LEVEL_OUTPUT',
          `level ${name}: expected an output '${output}', got ${Object.keys(outputs).join(', ') || 'none'}.`,
        );
      return {
        state: {},
        outputs: { image: output === 'band' && low ? transform.join(low, drawn) : drawn },
      };
    },
  };
}
