// The evidence in miniature: a level learns what a class looks like, and draws it when it is told to.
import { onnxruntimeCpu } from '@lapyra/backend-onnxruntime';
import type { ConditionSpec, Engine, Size, TensorValue } from '@lapyra/core';
import { classDense, classRefine } from '@lapyra/level-class-conditional';
import {
  float32,
  type LabelledImages,
  makeLevel,
  placeAt,
  readCifar10Fixture,
  trainMiniature,
} from '@lapyra/testing';
import { boxBilinear } from '@lapyra/transform-laplacian';
import { afterAll, describe, expect, it } from 'vitest';

const engine: Engine = await (
  await onnxruntimeCpu.plugin.create({}, undefined)
).open({
  threads: 1,
});
afterAll(() => engine.dispose());
const transform = await boxBilinear.plugin.create({}, undefined);
const condition: ConditionSpec = { kind: 'classes', names: ['dark', 'bright'] };
const images = byBrightness(readCifar10Fixture());
const HELD = 64;

/** The real images, as two classes: darker and brighter than most. */
function byBrightness({ shape, pixels }: LabelledImages): LabelledImages {
  const per = pixels.length / shape[0];
  const means = Array.from({ length: shape[0] }, (_, at) =>
    pixels.subarray(at * per, (at + 1) * per).reduce((sum, value) => sum + value / per, 0),
  );
  const middle = means.toSorted((a, b) => a - b)[shape[0] >> 1]!;
  return { shape, pixels, labels: Uint8Array.from(means, (mean) => (mean > middle ? 1 : 0)) };
}

/** One class for all. */
function told(index: number): TensorValue {
  return float32(
    [HELD, 2],
    Float32Array.from({ length: 2 * HELD }, (_, at) => (at % 2 === index ? 1 : 0)),
  );
}

const total = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);

/** The mean of each image. */
function means({ data }: TensorValue): number[] {
  const per = data.length / HELD;
  return Array.from(
    { length: HELD },
    (_, at) => total([...data.subarray(at * per, (at + 1) * per)]) / per,
  );
}

const optimiser = { kind: 'adam', rate: 2e-3 } as const;

describe('a first level', () => {
  it('draws brighter images for the bright class, from the same noise', async () => {
    const sizes: Size[] = [[8, 8]];
    const level = await makeLevel(
      classDense,
      {
        noise: 16,
        generator: { hidden: [64, 64], batchNorm: true },
        discriminator: { hidden: [64, 64], activation: 'leakyRelu', dropout: 0.3 },
        batch: { real: 32, generated: 32, generator: 32 },
        wrongPairs: 0.5,
        optimiser,
      },
      placeAt(sizes, 0, { condition }),
    );
    const trained = await trainMiniature({
      level,
      engine,
      transform,
      sizes,
      index: 0,
      images,
      held: HELD,
      steps: 300,
    });
    const drawn = async (index: number): Promise<number> =>
      total(
        means(await trained.draw({ change: (inputs) => ({ ...inputs, condition: told(index) }) })),
      ) / HELD;
    const labels = trained.held('condition').data;
    const real = means(trained.held('image'));
    const ofClass = (index: number): number => {
      const own = real.filter((_, at) => labels[2 * at + index] === 1);
      return total(own) / own.length;
    };
    const apart = ofClass(1) - ofClass(0);
    expect(apart).toBeGreaterThan(0.5); // in deviations of the whitened images
    expect((await drawn(1)) - (await drawn(0))).toBeGreaterThan(apart / 2);
  });
});

describe('a refining level', () => {
  it('draws another band for another class, on the same image from the same noise', async () => {
    const sizes: Size[] = [
      [8, 8],
      [14, 14],
    ];
    const level = await makeLevel(
      classRefine,
      {
        width: 8,
        generator: { kernels: [3, 3] },
        discriminator: {
          layers: [{ kernel: 4, stride: 2, padding: 1 }],
          activation: 'leakyRelu',
          dropout: 0,
        },
        batch: { real: 8, generated: 8, generator: 8 },
        wrongPairs: 0.5,
        optimiser,
        pixelLoss: 10,
      },
      placeAt(sizes, 1, { condition }),
    );
    const trained = await trainMiniature({
      level,
      engine,
      transform,
      sizes,
      index: 1,
      images,
      held: HELD,
      steps: 60,
    });
    const draw = (index: number): Promise<TensorValue> =>
      trained.draw({ change: (inputs) => ({ ...inputs, condition: told(index) }) });
    const [dark, bright, again] = [await draw(0), await draw(1), await draw(0)];
    const apart =
      total([...dark.data].map((value, at) => Math.abs(value - bright.data[at]!))) /
      dark.data.length;
    expect(apart).toBeGreaterThan(0.016); // about a grey level of 8 bits
    expect(again.data).toEqual(dark.data);
  });
});
