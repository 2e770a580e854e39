// What a whole level says of images: all of them together, piece by piece, and as often as it draws them.
import { onnxruntimeCpu } from '@lapyra/backend-onnxruntime';
import {
  checkLevel,
  drawNoiseByImage,
  type Engine,
  initialState,
  type Level,
  type LevelPlace,
  type StepTraining,
  type TensorValues,
} from '@lapyra/core';
import { expectClose, float32 } from '@lapyra/testing';
import { afterAll, expect, it } from 'vitest';
import { makeLevel, placeAt } from './make-level.js';

const backend = await onnxruntimeCpu.plugin.create({}, undefined);
const engine: Engine = await backend.open({ threads: 1 });
afterAll(() => engine.dispose());

const tiny = { width: 4, blocks: 2, components: 2 };
/** Weights large enough for pixels that depend on each other. */
function lively(level: Level, factor = 2): TensorValues {
  const { state, samplerState } = level.training as StepTraining;
  const start = initialState(state, 5, 'likelihood');
  return Object.fromEntries(
    Object.entries(samplerState).map(([name, source]) => {
      const { shape, data } = start[source]!;
      return [
        name,
        float32(
          shape,
          [...data].map((value) => factor * value),
        ),
      ];
    }),
  );
}

/** Pixel values 0…255 as the level's normalised numbers. */
function normalised(
  { size, channels, pixels }: LevelPlace,
  values: readonly number[],
): TensorValues {
  const each = values.length / (size[0] * size[1] * channels);
  const data = values.map((value, at) => {
    const channel = at % channels;
    return (value - pixels.mean[channel]!) / pixels.scale[channel]!;
  });
  return { image: float32([each, ...size, channels], data) };
}

async function logLikelihoods(
  level: Level,
  state: TensorValues,
  inputs: TensorValues,
): Promise<Float32Array> {
  const opened = await engine.open(state);
  const program = await opened.compile(level.likelihood!, inputs['image']!.shape[0]!);
  const { logLikelihood } = await program.run(inputs);
  await opened.dispose();
  return Float32Array.from(logLikelihood!.data);
}

it('gives all images of two pixels a probability of 1 together, and draws each as often as that', async () => {
  const level = await makeLevel(tiny, placeAt([[1, 2]], 0, 1));
  checkLevel(level);
  const state = lively(level, 1);
  const all = Array.from({ length: 256 * 256 }, (_, at) => [at >> 8, at & 255]).flat();
  const logs = await logLikelihoods(level, state, normalised(level.place, all));
  const probabilities = logs.map((log) => Math.exp(log));
  expect(probabilities.reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 4);

  if (!('kind' in level.sampler)) throw new Error('expected a sampler on the host');
  const count = 20_000;
  const noise = drawNoiseByImage(level.noise, 0, count, 7, 'sample');
  const open = await level.sampler.open(state, engine);
  const { data } = await open.sample({ 'noise.u': noise['u']! });
  await open.dispose();
  const cells = 32;
  const cellOf = (a: number, b: number): number =>
    Math.floor((a * cells) / 256) * cells + Math.floor((b * cells) / 256);
  const expected = new Float64Array(cells * cells);
  const got = new Float64Array(cells * cells);
  probabilities.forEach((p, at) => (expected[cellOf(at >> 8, at & 255)]! += p * count));
  for (let at = 0; at < count; at += 1) {
    const [a, b] = [data[2 * at]!, data[2 * at + 1]!].map((value) =>
      Math.round(value * 64 + 127.5),
    );
    got[cellOf(a!, b!)]! += 1;
  }
  const filled = [...expected.keys()].filter((cell) => expected[cell]! >= 8);
  expect(filled.length).toBeGreaterThan(30);
  const chiSquare = filled.reduce(
    (sum, cell) => sum + (got[cell]! - expected[cell]!) ** 2 / expected[cell]!,
    0,
  );
  expect(chiSquare).toBeLessThan(filled.length + 4 * Math.sqrt(2 * filled.length));
});

it('knows one pixel by hand', async () => {
  const level = await makeLevel({ width: 2, blocks: 1, components: 1 }, placeAt([[1, 1]], 0, 1));
  const none = lively(level, 0);
  // Weight, mean, and log-scale above −2, of the only logistic: scale 127.5·e^(0.5 − 2) = 28.449 values around 153.
  const state = { ...none, 'out.bias': float32([3], [0, 0.2, 0.5]) };
  const logs = await logLikelihoods(level, state, normalised(level.place, [0, 153, 255]));
  const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));
  const scale = 127.5 * Math.exp(-1.5);
  expectClose(
    logs,
    [
      Math.log(sigmoid((0.5 - 153) / scale)),
      Math.log(sigmoid(0.5 / scale) - sigmoid(-0.5 / scale)),
      Math.log(1 - sigmoid((254.5 - 153) / scale)),
    ],
    { relative: 1e-5 },
  );
});

it('rounds to whole pixels, half to even, and takes what lies outside for 0 or 255', async () => {
  const level = await makeLevel(tiny, placeAt([[1, 1]], 0, 3));
  const state = lively(level);
  const of = (values: readonly number[]): Promise<Float32Array> =>
    logLikelihoods(level, state, normalised(level.place, values));
  const [whole, near] = await of([0, 100, 255, -3.2, 100.4, 256.3]);
  expect(near).toBe(whole);
  const [odd, even] = await of([10, 20, 30, 9.75, 20.25, 30.5]);
  expect(even).toBe(odd);
});

it('depends on the class and on the image below', async () => {
  const place = placeAt(
    [
      [2, 2],
      [3, 3],
    ],
    1,
    1,
    { kind: 'classes', names: ['a', 'b'] },
  );
  const level = await makeLevel(tiny, place);
  const state = lively(level);
  const image = normalised(
    place,
    Array.from({ length: 9 }, (_, at) => 20 * at),
  );
  const [log, otherClass, otherLow] = await Promise.all(
    [
      [0.5, 1, 0],
      [0.5, 0, 1],
      [-0.5, 1, 0],
    ].map(async ([low, ...condition]) => {
      const given = {
        low: float32([1, 3, 3, 1], new Array<number>(9).fill(low!)),
        condition: float32([1, 2], condition),
      };
      return (await logLikelihoods(level, state, { ...image, ...given }))[0]!;
    }),
  );
  expect(Math.abs(otherClass! - log!)).toBeGreaterThan(1e-3);
  expect(Math.abs(otherLow! - log!)).toBeGreaterThan(1e-3);
});
