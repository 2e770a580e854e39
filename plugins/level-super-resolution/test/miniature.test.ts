// The comparison of the evidence, in seconds: a supervised level is nearer to the truth than upsampling, on images that it
// has not seen; with a low-pass loss it keeps more of the image below than without.
import { onnxruntimeCpu } from '@lapyra/backend-onnxruntime';
import type { Size, TensorValue } from '@lapyra/core';
import type { SuperResolveInput } from '@lapyra/level-super-resolution';
import { type Miniature, trainMiniature } from '@lapyra/testing';
import { boxBilinear } from '@lapyra/transform-laplacian';
import { afterAll, expect, it } from 'vitest';
import { makeLevel, placeAt } from './make-level.js';

const sizes: readonly Size[] = [
  [7, 7],
  [14, 14],
];
const transform = await boxBilinear.plugin.create({}, undefined);
const engine = await (await onnxruntimeCpu.plugin.create({}, undefined)).open({ threads: 1 });
afterAll(() => engine.dispose());

async function trained(losses: SuperResolveInput['losses']): Promise<Miniature> {
  const level = await makeLevel(
    {
      output: 'band',
      batch: { real: 16, generated: 16, generator: 16 },
      optimiser: { kind: 'adam', rate: 3e-3 },
      generator: { width: 16, blocks: 1, batchNorm: false, kernel: 3 },
      discriminator: { width: 8, pairs: 2, units: 16, batchNorm: false },
      losses: { content: { weight: 0 }, variation: 0, ...losses },
    },
    placeAt(sizes, 1, 3),
  );
  return trainMiniature({ level, engine, transform, sizes, index: 1, steps: 120 });
}

const squaredError = (a: TensorValue, b: TensorValue): number =>
  [...a.data].reduce((sum, x, at) => sum + (x - b.data[at]!) ** 2, 0) / a.data.length;

/** Mean squared distance of an image made small, by means of 2 × 2 pixels, from the image below. */
function drift(drawn: TensorValue, coarse: TensorValue): number {
  const { data } = drawn;
  const row = 14 * 3;
  let sum = 0;
  coarse.data.forEach((value, at) => {
    const c = at % 3;
    const x = Math.floor(at / 3) % 7;
    const y = Math.floor(at / 21);
    const corner = 2 * y * row + 2 * x * 3 + c; // images follow each other row by row
    const mean =
      (data[corner]! + data[corner + 3]! + data[corner + row]! + data[corner + row + 3]!) / 4;
    sum += (mean - value) ** 2;
  });
  return sum / coarse.data.length;
}

it('is nearer to unseen images than upsampling is', async () => {
  const level = await trained({ adversarial: 0 });
  const truth = level.held('image');
  const gain =
    10 *
    Math.log10(squaredError(level.held('low'), truth) / squaredError(await level.draw(), truth));
  expect(gain, 'dB of PSNR above upsampling').toBeGreaterThan(0.7);
});

it('keeps the image below where it pays for not doing so', async () => {
  const [free, bound] = [
    await trained({ pixel: { weight: 0 }, adversarial: 1 }),
    await trained({ pixel: { weight: 0 }, adversarial: 1, lowPass: 100 }),
  ];
  const drifts = await Promise.all(
    [free, bound].map(async (level) => drift(await level.draw(), level.held('coarse'))),
  );
  expect(drifts[1]).toBeLessThan(drifts[0]! / 4);
});
