// The evidence in miniature: on real images of two kinds, each with a vector for its text, a level learns which text goes
// with an image, and draws what it is told.
import { onnxruntimeCpu } from '@lapyra/backend-onnxruntime';
import type {
  ConditionSpec,
  Engine,
  Size,
  TensorProgram,
  TensorValue,
  TensorValues,
} from '@lapyra/core';
import { textFirst } from '@lapyra/level-text-conditional';
import {
  float32,
  type LabelledImages,
  makeLevel,
  type Miniature,
  placeAt,
  readCifar10Fixture,
  trainMiniature,
} from '@lapyra/testing';
import { boxBilinear } from '@lapyra/transform-laplacian';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const engine: Engine = await (
  await onnxruntimeCpu.plugin.create({}, undefined)
).open({ threads: 1 });
afterAll(() => engine.dispose());
const transform = await boxBilinear.plugin.create({}, undefined);

const WIDTH = 12;
const HELD = 64;
const LENGTH = 4;
const condition: ConditionSpec = { kind: 'embedding', width: WIDTH };
const sizes: Size[] = [[8, 8]];
const level = await makeLevel(
  textFirst,
  {
    noise: LENGTH,
    textUnits: 8,
    generator: { width: 8 },
    discriminator: { width: 8, batchNorm: false, dropout: 0.2 },
    batch: { real: 24, generated: 24, generator: 24 },
    optimiser: { kind: 'adam', rate: 2e-3 },
    style: { width: 8, from: 0.5, batch: 24, rate: 3e-3 },
  },
  placeAt(sizes, 0, { condition }),
);

let trained: Miniature;
beforeAll(async () => {
  const images = byBrightness(readCifar10Fixture());
  trained = await trainMiniature({
    level,
    engine,
    transform,
    sizes,
    index: 0,
    images,
    held: HELD,
    steps: 260,
  });
}, 60_000);

/** The real images, as two kinds: darker and brighter than most. */
function byBrightness({ shape, pixels }: LabelledImages): LabelledImages {
  const per = pixels.length / shape[0];
  const means = Array.from({ length: shape[0] }, (_, at) =>
    pixels.subarray(at * per, (at + 1) * per).reduce((sum, value) => sum + value / per, 0),
  );
  const middle = means.toSorted((a, b) => a - b)[shape[0] >> 1]!;
  return { shape, pixels, labels: Uint8Array.from(means, (mean) => (mean > middle ? 1 : 0)) };
}

/** The vectors of both kinds, dark and bright, and which of them each image has. */
function kinds(): { vectors: Float32Array[]; labels: number[] } {
  const { data } = trained.held('condition');
  const means = meansOf(trained.held('image'));
  const rows = Array.from({ length: HELD }, (_, at) =>
    Float32Array.from(data.subarray(at * WIDTH, (at + 1) * WIDTH)),
  );
  const bright = rows[means.indexOf(Math.max(...means))]!;
  const dark = rows[means.indexOf(Math.min(...means))]!;
  expect(String(bright)).not.toBe(String(dark));
  return {
    vectors: [dark, bright],
    labels: rows.map((row) => (String(row) === String(bright) ? 1 : 0)),
  };
}

function meansOf({ data }: TensorValue): number[] {
  const per = data.length / HELD;
  return Array.from({ length: HELD }, (_, at) =>
    mean([...data.subarray(at * per, (at + 1) * per)]),
  );
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

/** The same vector for all images. */
function told(vector: Float32Array): TensorValue {
  const all = new Float32Array(HELD * WIDTH);
  for (let at = 0; at < HELD; at++) all.set(vector, at * WIDTH);
  return float32([HELD, WIDTH], all);
}

async function run(program: TensorProgram, inputs: TensorValues): Promise<TensorValues> {
  const own = program.reads.map((name) => [name, trained.training[name]!]);
  const opened = await engine.open(Object.fromEntries(own) as TensorValues);
  try {
    return await (await opened.compile(program, HELD)).run(inputs);
  } finally {
    await opened.dispose();
  }
}

function steps(): { critic: TensorProgram; style: TensorProgram } {
  const { training } = level;
  if (training?.kind !== 'steps' || !training.critic || !training.style)
    throw new Error('expected a critic and a style encoder');
  return { critic: training.critic.program, style: training.style };
}

describe('a first level that is told texts', () => {
  it('finds real images that it has not seen less true with a wrong text', async () => {
    const { vectors, labels } = kinds();
    const image = trained.held('image');
    const [dark = [], bright = []] = await Promise.all(
      vectors.map(async (vector) => {
        const { logits } = await run(steps().critic, { image, condition: told(vector) });
        return [...logits!.data];
      }),
    );
    const margins = labels.map((label, at) => (label === 1 ? 1 : -1) * (bright[at]! - dark[at]!));
    expect(mean(margins)).toBeGreaterThan(0.5); // nats
    const right = margins.filter((margin) => margin > 0).length / HELD;
    expect(right).toBeGreaterThan(0.75); // by chance a half, give or take 0.06
  });

  it('draws what it is told, and in between for a vector in between', async () => {
    const { vectors } = kinds();
    const [dark, bright] = vectors as [Float32Array, Float32Array];
    const half = dark.map((value, at) => (value + bright[at]!) / 2);
    const drawn: number[] = [];
    for (const vector of [dark, half, bright]) {
      const change = (inputs: TensorValues): TensorValues => ({
        ...inputs,
        condition: told(vector),
      });
      drawn.push(mean(meansOf(await trained.draw({ change }))));
    }
    const [low = 0, middle = 0, high = 0] = drawn;
    expect(high - low).toBeGreaterThan(0.4); // in deviations of the whitened images
    expect(middle).toBeGreaterThan(low);
    expect(middle).toBeLessThan(high);
  });

  it('tells the noise of what it drew, better than by guessing its mean', async () => {
    let z: TensorValue | undefined;
    const image = await trained.draw({
      seed: 9,
      change: (inputs) => {
        z = inputs['noise.z'];
        return inputs;
      },
    });
    const found = await run(steps().style, { image });
    const told0 = found['noise.z']!.data;
    const error = mean([...z!.data].map((value, at) => (value - told0[at]!) ** 2));
    expect(error).toBeLessThan(0.8 / 3); // the variance of a number that is uniform on [−1, 1) is 1/3
  });
});
