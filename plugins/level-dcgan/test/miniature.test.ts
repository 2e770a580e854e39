// The evidence in miniature: after seconds of training, drawn images vary as real ones do, about the same mean.
import { onnxruntimeCpu } from '@lapyra/backend-onnxruntime';
import type { Engine, Size, TensorValue } from '@lapyra/core';
import { dcgan, type DcganInput } from '@lapyra/level-dcgan';
import { makeLevel, placeAt, trainMiniature } from '@lapyra/testing';
import { boxBilinear } from '@lapyra/transform-laplacian';
import { afterAll, describe, expect, it } from 'vitest';

const engine: Engine = await (
  await onnxruntimeCpu.plugin.create({}, undefined)
).open({ threads: 1 });
afterAll(() => engine.dispose());
const transform = await boxBilinear.plugin.create({}, undefined);
const HELD = 64;
const sizes: Size[] = [[8, 8]];

/** Mean and deviation over images of each number of an image. */
function moments({ data }: TensorValue): { mean: number[]; deviation: number[] } {
  const per = data.length / HELD;
  const over = (at: number, f: (value: number) => number): number => {
    let sum = 0;
    for (let image = 0; image < HELD; image++) sum += f(data[image * per + at]!);
    return sum / HELD;
  };
  const mean = Array.from({ length: per }, (_, at) => over(at, (value) => value));
  const deviation = mean.map((centre, at) => Math.sqrt(over(at, (value) => (value - centre) ** 2)));
  return { mean, deviation };
}

/** How far drawn images are from those kept aside, in means and deviations, averaged. */
async function distance(options: DcganInput, steps: number): Promise<number> {
  const level = await makeLevel(
    dcgan,
    {
      noise: 16,
      width: 12,
      generator: { output: 'linear' },
      batch: { real: 24, generated: 24, generator: 24 },
      optimiser: { kind: 'adam', rate: 2e-3 },
      average: 0.95,
      ...options,
    },
    placeAt(sizes, 0),
  );
  const trained = await trainMiniature({
    level,
    engine,
    transform,
    sizes,
    index: 0,
    held: HELD,
    steps,
  });
  const drawn = moments(await trained.draw());
  const real = moments(trained.held('image'));
  const apart = (a: readonly number[], b: readonly number[]): number =>
    a.reduce((sum, value, at) => sum + Math.abs(value - b[at]!), 0) / a.length;
  return apart(drawn.mean, real.mean) + apart(drawn.deviation, real.deviation);
}

describe('dcgan', () => {
  it.each([
    ['with batch norm', {}],
    [
      'with spectral norm, hinge and augmentation',
      {
        discriminator: { norm: 'spectral' },
        loss: 'hinge',
        augmentation: { translation: 0, cutout: 0.25 },
      },
    ],
  ] as const)('%s learns how real images vary', async (_name, options) => {
    const before = await distance(options, 1);
    const after = await distance(options, 300);
    expect(after).toBeLessThan((2 / 3) * before);
  });
});
