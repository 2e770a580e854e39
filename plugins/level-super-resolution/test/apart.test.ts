// Batch norm in the discriminator takes the statistics of real and of drawn images apart.
import { onnxruntimeCpu } from '@lapyra/backend-onnxruntime';
import type { Size } from '@lapyra/core';
import { trainMiniature } from '@lapyra/testing';
import { boxBilinear } from '@lapyra/transform-laplacian';
import { afterAll, expect, it } from 'vitest';
import { makeLevel, placeAt } from './make-level.js';

const engine = await (await onnxruntimeCpu.plugin.create({}, undefined)).open({ threads: 1 });
afterAll(() => engine.dispose());
const transform = await boxBilinear.plugin.create({}, undefined);
const sizes: readonly Size[] = [
  [4, 4],
  [8, 8],
];

/** The running means of the discriminator after a step in which so many drawn images were shown. */
async function means(generated: number): Promise<number[]> {
  const level = await makeLevel(
    {
      batch: { real: 6, generated, generator: 4 },
      generator: { width: 3, blocks: 1, batchNorm: false, kernel: 3 },
      discriminator: { width: 3, pairs: 1, units: 4 },
      losses: { content: { weight: 0 }, adversarial: 1 },
    },
    placeAt(sizes, 1, 3),
  );
  const { training } = await trainMiniature({
    level,
    engine,
    transform,
    sizes,
    index: 1,
    steps: 1,
  });
  return [...training['d.norm2.mean']!.data];
}

it('keeps the statistics of real images, whatever is drawn beside them', async () => {
  const found = await means(3);
  expect(found.some((mean) => Math.abs(mean) > 1e-4)).toBe(true);
  expect(await means(7)).toEqual(found);
});
