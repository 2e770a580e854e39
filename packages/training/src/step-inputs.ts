// What the host gives a step: crops, conditions, noise, masks and scalars, all made from (seed, level, step, program,
// name, occurrence), so that a step has the same inputs whenever and wherever it is run.
import {
  type Draw,
  drawNoise,
  LapyraError,
  type Level,
  type RandomInput,
  type RandomStream,
  randomStream,
  elementCount,
  sizeName,
  type StepProgram,
  type StepTraining,
  type TensorValue,
  type TensorValues,
} from '@lapyra/core';
import {
  type CoarseMixing,
  copyPicked,
  drawMixedRows,
  isMixed,
  needsPixels,
} from './coarse-mixing.js';
import { type ConditionReader, createConditionReader } from './condition-reader.js';
import { createCropReader, type CropReader } from './crop-reader.js';
import type { StepImages } from './steps/step-images.js';
import type { LevelJob } from './level-job.js';

export interface StepInputsOptions {
  readonly level: Level;
  readonly training: StepTraining;
  readonly store: StepImages;
  readonly job: Pick<LevelJob, 'sizes' | 'flip' | 'seed' | 'steps'>;
  /** What is mixed into draws that may be of generated coarse images. Default: nothing. */
  readonly mixing?: CoarseMixing;
}

export interface StepInputs {
  /**
   * The inputs of a composed program at a step. Pixels and conditions live in buffers that the next call for the same
   * program fills anew.
   *
   * @param step steps done so far
   * @param occurrence 0 for the first run of this program within the step, 1 for the second, …
   * @param rateFactor factor on learning rates
   */
  of(program: StepProgram, step: number, occurrence: number, rateFactor: number): TensorValues;
}

/**
 * Make the inputs of a level's steps from its stored images.
 *
 * @throws {LapyraError} `LAPYRA_TRAIN_CONDITION` if the images cannot give the pyramid's condition, `LAPYRA_DATA_CROP`
 */
export function createStepInputs(options: StepInputsOptions): StepInputs {
  const { level, training, store, job, mixing } = options;
  const conditions = createConditionReader(level, store);
  const name = sizeName(level.place.size);
  const crops = createCropReader(store, job.sizes.at(-1) ?? level.place.size);
  const buffers = new Map<string, Uint8Array | Float32Array>();
  const buffer = <T extends Uint8Array | Float32Array>(key: string, make: () => T): T => {
    const known = buffers.get(key) ?? make();
    buffers.set(key, known);
    return known as T;
  };
  return {
    of: (program, step, occurrence, rateFactor) => {
      const inputs: Record<string, TensorValue> = {};
      const key = [job.seed, name, step, program.name, occurrence];
      const drawn: Record<string, Int32Array> = {};
      for (const [draw, spec] of inOrder(program.draws)) {
        const stream = randomStream(...key, 'draw', draw);
        const like = spec.unlike === undefined ? undefined : drawn[spec.unlike];
        const indices = drawIndices(stream, spec.count, store.count.train, conditions, like);
        drawn[draw] = indices;
        if (needsPixels(spec, mixing)) {
          const shape = [spec.count, ...crops.crop, store.channels];
          const data = buffer(
            `${program.name} ${draw}.pixels`,
            () => new Uint8Array(elementCount(shape)),
          );
          drawCrops(stream, indices, crops, job.flip, data);
          inputs[`${draw}.pixels`] = { dtype: 'uint8', shape, data };
        }
        if (spec.of.includes('condition')) {
          const shape = [spec.count, conditions.width];
          const data = buffer(
            `${program.name} ${draw}.condition`,
            () => new Float32Array(elementCount(shape)),
          );
          conditions.read('train', indices, randomStream(...key, 'caption', draw), data);
          inputs[`${draw}.condition`] = { dtype: 'float32', shape, data };
        }
        const paired = isMixed(spec, mixing)
          ? mixInto(inputs, draw, spec, mixing, randomStream(...key, 'generated', draw))
          : spec.of.includes('paired') && new Float32Array(spec.count).fill(1);
        if (paired)
          inputs[`${draw}.paired`] = { dtype: 'float32', shape: [spec.count], data: paired };
      }
      for (const [draw, count] of Object.entries(program.noise))
        for (const [noise, value] of Object.entries(
          drawNoise(level.noise, count, ...key, 'noise', draw),
        ))
          inputs[`${draw}.${noise}`] = value;
      for (const [random, spec] of Object.entries(program.random))
        inputs[random] = {
          dtype: 'float32',
          shape: spec.shape,
          data: drawRandom(randomStream(...key, 'random', random), spec),
        };
      const clock = { step, steps: job.steps, images: store.count.train };
      for (const scalar of program.scalars)
        inputs[scalar] = scheduled(name, training, scalar, clock, rateFactor);
      return inputs;
    },
  };
}

/** Give a draw coarse images of the pool, with their conditions. Returns which of its images stay paired with theirs. */
function mixInto(
  inputs: Record<string, TensorValue>,
  draw: string,
  { count }: Draw,
  mixing: CoarseMixing,
  stream: RandomStream,
): Float32Array {
  const { coarse, condition } = mixing.pool;
  const { paired, picks } = drawMixedRows(stream, count, mixing);
  const shape = [count, ...coarse.shape.slice(1)];
  const data = new Float32Array(elementCount(shape));
  copyPicked(coarse.data, picks, data);
  inputs[`${draw}.generated`] = { dtype: 'float32', shape, data };
  const given = inputs[`${draw}.condition`];
  if (given && condition) copyPicked(condition, picks, given.data as Float32Array);
  return paired;
}

/** Draws that others must differ from come first. */
function inOrder(draws: StepProgram['draws']): [string, Draw][] {
  const all = Object.entries(draws);
  return [
    ...all.filter(([, { unlike }]) => unlike === undefined),
    ...all.filter(([, { unlike }]) => unlike !== undefined),
  ];
}

function drawIndices(
  stream: RandomStream,
  count: number,
  images: number,
  { alike }: ConditionReader,
  unlike: Int32Array | undefined,
): Int32Array {
  const indices = stream.integers(count, images);
  if (!unlike) return indices;
  // Again and again only for those that are alike: the others stay uniform over all images that are not.
  for (let round = 0; ; round++) {
    const same = [...indices.keys()].filter((i) => alike(indices[i] ?? 0, unlike[i] ?? 0));
    if (same.length === 0) return indices;
    if (round === 1000)
      throw new LapyraError(
        'LAPYRA_TRAIN_CONDITION',
        `draw of unlike images: expected images of two or more classes, or with other captions, got almost none that differ.`,
      );
    const again = stream.integers(same.length, images);
    same.forEach((i, n) => (indices[i] = again[n] as number));
  }
}

function drawCrops(
  stream: RandomStream,
  indices: Int32Array,
  crops: CropReader,
  mirror: boolean,
  target: Uint8Array,
): void {
  const { length } = indices;
  const [slackY, slackX] = crops.slack;
  const ys = slackY > 0 ? stream.integers(length, slackY + 1) : null;
  const xs = slackX > 0 ? stream.integers(length, slackX + 1) : null;
  const flips = mirror ? stream.integers(length, 2) : null;
  for (let i = 0; i < length; i++)
    crops.read(
      'train',
      indices[i] as number,
      ys?.[i] ?? 0,
      xs?.[i] ?? 0,
      flips?.[i] === 1,
      target,
      i,
    );
}

function drawRandom(stream: RandomStream, { shape, distribution }: RandomInput): Float32Array {
  const count = elementCount(shape);
  if (distribution === 'uniform') return stream.uniform(count);
  return distribution === 'normal' ? stream.normal(count) : stream.keep(count, distribution.keep);
}

function scheduled(
  level: string,
  training: StepTraining,
  name: string,
  clock: { readonly step: number; readonly steps: number; readonly images: number },
  rateFactor: number,
): TensorValue {
  const scalar = training.scalars[name];
  const value = (scalar?.at(clock) ?? Number.NaN) * (scalar?.isRate === true ? rateFactor : 1);
  if (!Number.isFinite(value))
    throw new LapyraError(
      'LAPYRA_LEVEL_TRAINING',
      `level ${level}: expected a finite scalar '${name}' at step ${clock.step}, got ${value}.`,
    );
  return { dtype: 'float32', shape: [], data: Float32Array.of(value) };
}
