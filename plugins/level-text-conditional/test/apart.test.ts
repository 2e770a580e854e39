// Batch norm in the discriminator takes the statistics of each kind of pair by itself.
import { onnxruntimeCpu } from '@lapyra/backend-onnxruntime';
import type { Size } from '@lapyra/core';
import { textFirst } from '@lapyra/level-text-conditional';
import { makeLevel, placeAt, trainMiniature } from '@lapyra/testing';
import { boxBilinear } from '@lapyra/transform-laplacian';
import { afterAll, expect, it } from 'vitest';

const engine = await (await onnxruntimeCpu.plugin.create({}, undefined)).open({ threads: 1 });
afterAll(() => engine.dispose());
const transform = await boxBilinear.plugin.create({}, undefined);
const sizes: readonly Size[] = [[8, 8]];

/** The running means of the discriminator after a step in which so many drawn images were shown. */
async function means(generated: number): Promise<number[]> {
  const level = await makeLevel(
    textFirst,
    {
      noise: 4,
      batch: { real: 6, generated, generator: 4 },
      textUnits: 4,
      generator: { width: 3 },
      discriminator: { width: 3 },
    },
    placeAt(sizes, 0, { condition: { kind: 'embedding', width: 5 } }),
  );
  const { training } = await trainMiniature({
    level,
    engine,
    transform,
    sizes,
    index: 0,
    steps: 1,
  });
  return [...training['d.joint.norm.mean']!.data];
}

it('keeps the statistics of real images with a right text, whatever is drawn beside them', async () => {
  const found = await means(3);
  expect(found.some((mean) => Math.abs(mean) > 1e-4)).toBe(true);
  expect(await means(7)).toEqual(found);
});
