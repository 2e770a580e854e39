// Draws a level's images from true coarse ones, for scores and sample pictures. The noise of image i is the same at
// every score: what changes is the level.
import {
  conditionWidth,
  drawNoiseByImage,
  type Engine,
  type EngineState,
  type HostSampler,
  type ImageBatch,
  imageBatch,
  LapyraError,
  type Level,
  sizeName,
  type TensorProgram,
  type TensorValue,
  type TensorValues,
} from '@lapyra/core';
import type { LevelImages } from './level-views.js';

/** A level's sampler, ready to run. */
export interface LevelSampler {
  /** Take over new values of the sampler's state. */
  update(state: TensorValues): Promise<void>;
  /**
   * Draw one image for each of the true ones: their size and condition, and at refining levels their coarse images.
   *
   * @param round another round has other noise
   * @returns the level's output (band or image) [n, H, W, C]
   */
  draw(views: LevelImages, round: number): Promise<ImageBatch>;
  dispose(): Promise<void>;
}

const BATCH = 50;

/**
 * @param state the sampler's own state: what `samplerState` maps to
 * @param seed of the noise
 */
export async function createLevelSampler(
  engine: Engine,
  level: Level,
  state: TensorValues,
  seed: number,
): Promise<LevelSampler> {
  const { sampler, output, place } = level;
  const name = sizeName(place.size);
  const inputsOf = (
    views: LevelImages,
    first: number,
    count: number,
    round: number,
  ): TensorValues => {
    const noise = drawNoiseByImage(level.noise, first, count, seed, name, 'score', round);
    const inputs: Record<string, TensorValue> = {};
    for (const [key, value] of Object.entries(noise)) inputs[`noise.${key}`] = value;
    for (const part of ['coarse', 'low'] as const) {
      const images = views[part];
      if (images) inputs[part] = rows(images.data, images.shape, first, count);
    }
    const width = conditionWidth(place.condition);
    if (views.condition)
      inputs['condition'] = rows(views.condition, [views.image.shape[0], width], first, count);
    return inputs;
  };
  const run = await ('kind' in sampler
    ? hostRunner(engine, sampler, state)
    : programRunner(engine, sampler, state, output));
  return {
    update: run.update,
    draw: async (views, round) => {
      const [count] = views.image.shape;
      const drawn = imageBatch(views.image.shape);
      const per = drawn.data.length / count;
      for (let first = 0; first < count; first += BATCH) {
        // The engine's batch is fixed: the last one overlaps, or is filled up, and only what is new is kept.
        const n = Math.min(BATCH, count - first);
        const value = await run.sample(inputsOf(views, first, n, round), n);
        if (value.data.length < n * per)
          throw new LapyraError(
            'LAPYRA_LEVEL_OUTPUT',
            `level ${name}: expected '${output}' [${n}, ${views.image.shape.slice(1).join(', ')}], got [${value.shape.join(', ')}].`,
          );
        drawn.data.set((value.data as Float32Array).subarray(0, n * per), first * per);
        await new Promise(setImmediate); // an engine may block the event loop: let messages in
      }
      return drawn;
    },
    dispose: run.dispose,
  };
}

interface Runner {
  readonly update: (state: TensorValues) => Promise<void>;
  readonly sample: (inputs: TensorValues, count: number) => Promise<TensorValue>;
  readonly dispose: () => Promise<void>;
}

async function hostRunner(
  engine: Engine,
  sampler: HostSampler,
  first: TensorValues,
): Promise<Runner> {
  let opened = await sampler.open(first, engine);
  return {
    update: async (next) => {
      const before = opened;
      opened = await sampler.open(next, engine); // if it cannot be, there is still one to dispose of, once
      await before.dispose();
    },
    sample: (inputs) => opened.sample(inputs),
    dispose: () => opened.dispose(),
  };
}

async function programRunner(
  engine: Engine,
  program: TensorProgram,
  state: TensorValues,
  output: Level['output'],
): Promise<Runner> {
  const opened: EngineState = await engine.open(state);
  const compiled = await opened.compile(program, BATCH);
  return {
    update: (next) => opened.write(next),
    sample: async (inputs, count) => {
      const wanted = Object.keys(program.inputs).map((key): [string, TensorValue] => [
        key,
        fill(inputs[key], key, count),
      ]);
      const { [output]: value } = await compiled.run(Object.fromEntries(wanted));
      if (value) return value;
      throw new LapyraError(
        'LAPYRA_LEVEL_OUTPUT',
        `${program.name}: expected an output '${output}', got none.`,
      );
    },
    dispose: async () => {
      await compiled.dispose();
      await opened.dispose();
    },
  };
}

/** Some rows of a tensor, not copied. */
function rows(
  data: Float32Array,
  shape: readonly number[],
  first: number,
  count: number,
): TensorValue {
  const per = data.length / (shape[0] as number);
  return {
    dtype: 'float32',
    shape: [count, ...shape.slice(1)],
    data: data.subarray(first * per, (first + count) * per),
  };
}

/** Up to the engine's batch, with zeros. */
function fill(value: TensorValue | undefined, name: string, count: number): TensorValue {
  if (!value)
    throw new LapyraError(
      'LAPYRA_LEVEL_OUTPUT',
      `sampler: expected inputs among coarse, low, condition and noise, got '${name}'.`,
    );
  if (count === BATCH) return value;
  const data = new Float32Array((value.data.length / count) * BATCH);
  data.set(value.data);
  return { dtype: 'float32', shape: [BATCH, ...value.shape.slice(1)], data };
}
