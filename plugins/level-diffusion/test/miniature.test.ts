// The comparison of the evidence, in seconds: what the level draws is nearer to unseen images after training than before.
import { onnxruntimeCpu } from '@lapyra/backend-onnxruntime';
import type { Level, Size, TensorValue } from '@lapyra/core';
import { diffusion } from '@lapyra/level-diffusion';
import { makeLevel, placeAt, trainMiniature } from '@lapyra/testing';
import { boxBilinear } from '@lapyra/transform-laplacian';
import { afterAll, expect, it } from 'vitest';

const sizes: readonly Size[] = [
  [4, 4],
  [8, 8],
];
const transform = await boxBilinear.plugin.create({}, undefined);
const engine = await (await onnxruntimeCpu.plugin.create({}, undefined)).open({ threads: 1 });
afterAll(() => engine.dispose());

/** Distance of the means and deviations of each number, and of its difference from its right neighbour, from another set's. */
function distance(a: TensorValue, b: TensorValue): number {
  const [x, y] = [moments(a), moments(b)];
  return x.reduce((sum, value, at) => sum + (value - y[at]!) ** 2, 0) / x.length;
}

function moments({ shape, data }: TensorValue): number[] {
  const [count, ...each] = shape;
  const places = each.reduce((product, side) => product * side, 1);
  const channels = each.at(-1)!;
  return Array.from({ length: places - channels }, (_, place) => {
    const own = Array.from({ length: count! }, (__, image) => data[image * places + place]!);
    const steps = own.map((value, image) => value - data[image * places + place + channels]!);
    return [own, steps].flatMap((values) => {
      const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
      const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
      return [mean, Math.sqrt(squares / values.length)];
    });
  }).flat();
}

async function drawnAfter(steps: number, make: () => Promise<Level>): Promise<number> {
  const level = await make();
  const trained = await trainMiniature({
    level,
    engine,
    transform,
    sizes,
    index: 0,
    steps,
    held: 128,
  });
  return distance(await trained.draw(), trained.held('image'));
}

it('diffusion draws what is like real images', async () => {
  const options = { width: 12, batch: 32, steps: 8, average: 0.95, optimiser: { rate: 0.005 } };
  const make = (): Promise<Level> => makeLevel(diffusion, options, placeAt(sizes, 0));
  const [before, after] = [await drawnAfter(0, make), await drawnAfter(150, make)];
  expect(after).toBeLessThan(before / 3);
});
