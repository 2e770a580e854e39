import {
  type CompiledProgram,
  elementCount,
  type Engine,
  type HostSampler,
  type ImageBatch,
  imageBatch,
  LapyraError,
  type Level,
  levelProgram,
  type OpenHostSampler,
  sizeName,
  type TensorValue,
  type TensorValues,
  type Transform,
  type WorkContext,
} from '@lapyra/core';
import type { LevelRunner } from './level-runner.js';

export interface TrainedLevel {
  readonly level: Level;
  readonly transform: Transform;
  /** The sampler's state by the sampler's names. */
  readonly state: TensorValues;
  readonly engine: Engine;
}

/**
 * Make a trained level ready to draw. A program is compiled once for each batch size that is asked for.
 *
 * @throws {LapyraError} `LAPYRA_SAMPLE_STATE` if the state lacks a tensor that the sampler reads
 */
export async function openTrainedLevel(trained: TrainedLevel): Promise<LevelRunner> {
  const { level } = trained;
  const frame = { name: sizeName(level.place.size), place: level.place, noise: level.noise };
  return 'kind' in level.sampler
    ? { ...frame, ...(await openHost(trained, level.sampler)) }
    : { ...frame, ...(await openProgram(trained)) };
}

async function openProgram({
  level,
  transform,
  state,
  engine,
}: TrainedLevel): Promise<Pick<LevelRunner, 'run' | 'dispose'>> {
  const program = levelProgram(level, transform.tensor);
  const missing = program.reads.filter((name) => !state[name]);
  if (missing.length > 0) {
    throw new LapyraError(
      'LAPYRA_SAMPLE_STATE',
      `${program.name}: expected a state with ${program.reads.join(', ')}, got one without ${missing.join(', ')}.`,
      { hint: 'The state was trained by another plugin or version; train the level anew.' },
    );
  }
  const borrowed = await engine.open(
    Object.fromEntries(program.reads.map((name) => [name, state[name]!])),
    { fixed: true },
  );
  const byBatch = new Map<number, Promise<CompiledProgram>>();
  return {
    run: async (inputs) => {
      const batch = batchOf(inputs);
      let compiled = byBatch.get(batch);
      if (!compiled) byBatch.set(batch, (compiled = borrowed.compile(program, batch)));
      const { image } = await (await compiled).run(inputs);
      return image!;
    },
    dispose: () => borrowed.dispose(),
  };
}

async function openHost(
  trained: TrainedLevel,
  sampler: HostSampler,
): Promise<Pick<LevelRunner, 'run' | 'dispose'>> {
  const opened = await sampler.open(trained.state, trained.engine);
  return {
    run: (inputs, work) => runOnHost(trained, opened, inputs, work),
    dispose: () => opened.dispose(),
  };
}

async function runOnHost(
  { level, transform }: TrainedLevel,
  sampler: OpenHostSampler,
  inputs: TensorValues,
  work: WorkContext | undefined,
): Promise<TensorValue> {
  const { place, output } = level;
  const coarse = inputs['coarse'];
  const low = coarse && transform.plain.upsample(asImages(coarse), place.size); // [B, H, W, C]
  const drawn = await sampler.sample(low ? { ...inputs, low: asTensor(low) } : inputs, work);
  checkDrawn(drawn, batchOf(inputs), level);
  if (output === 'image' || !low) return drawn;
  const image = Float32Array.from(low.data, (value, at) => value + drawn.data[at]!);
  return asTensor({ shape: low.shape, data: image });
}

function batchOf(inputs: TensorValues): number {
  return Object.values(inputs)[0]?.shape[0] ?? 1;
}

function checkDrawn({ dtype, shape, data }: TensorValue, batch: number, { place }: Level): void {
  const wanted = [batch, ...place.size, place.channels];
  const fits =
    dtype === 'float32' &&
    shape.join() === wanted.join() &&
    data.length === elementCount(wanted) &&
    data.every((value) => Number.isFinite(value));
  if (fits) return;
  const got =
    shape.join() === wanted.join() ? 'numbers that are not finite, or too few' : shape.join(', ');
  throw new LapyraError(
    'LAPYRA_SAMPLE_RESULT',
    `level ${sizeName(place.size)}: expected its sampler to give finite float32 [${wanted.join(', ')}], got ${dtype} [${got}].`,
    { hint: 'This is a mistake in the plugin that made the level.' },
  );
}

function asImages({ shape, data }: TensorValue): ImageBatch {
  return imageBatch(shape, Float32Array.from(data));
}

function asTensor({ shape, data }: ImageBatch): TensorValue {
  return { dtype: 'float32', shape, data };
}
