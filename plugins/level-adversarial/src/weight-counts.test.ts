import { elementCount, type Level, type LevelPlace, type StepTraining } from '@lapyra/core';
import { describe, expect, it } from 'vitest';
import { dense, refine } from './index.js';

// Weights without biases of the networks in github.com/facebook/eyescream, cifar/scripts/train_cifar*.lua, counted by hand:
// a refining generator has 49·4·n + 49·n·n + 25·n·3, its discriminator 25·3·n + 25·n·n + s²·n with s = ⌊((f − 4) − 5)/2⌋ + 1.
async function weights(level: Level | Promise<Level>, prefix: string): Promise<number> {
  const { state } = (await level).training as StepTraining;
  return Object.entries(state)
    .filter(([name]) => name.startsWith(prefix) && name.endsWith('.weight'))
    .reduce((sum, [, { shape }]) => sum + elementCount(shape), 0);
}

function place(size: number, coarse: number | null): LevelPlace {
  return {
    size: [size, size],
    coarse: coarse === null ? null : [coarse, coarse],
    channels: 3,
    condition: { kind: 'none' },
    transform: 'box-bilinear',
    pixels: { mean: [127.5, 127.5, 127.5], scale: [64, 64, 64], exact: false },
  };
}

async function refining(width: number, size: number, coarse: number): Promise<Level> {
  const options = await refine.plugin.options['~standard'].validate({ width });
  if (options.issues) throw new Error(options.issues[0]?.message);
  return refine.plugin.create(options.value, place(size, coarse));
}

describe('weights of the paper networks', () => {
  it.each([
    { width: 64, size: 14, coarse: 8, g: 218_048, d: 107_776 },
    { width: 64, size: 28, coarse: 14, g: 218_048, d: 113_600 },
    { width: 128, size: 14, coarse: 8, g: 837_504, d: 420_352 },
    { width: 128, size: 28, coarse: 14, g: 837_504, d: 432_000 },
  ])('refines $coarse → $size with $width planes', async ({ width, size, coarse, g, d }) => {
    const level = refining(width, size, coarse);
    expect(await weights(level, 'g.')).toBe(g);
    expect(await weights(level, 'd.')).toBe(d);
  });

  it('draws 8×8 with 1200 and 600 units', async () => {
    const options = await dense.plugin.options['~standard'].validate({});
    if (options.issues) throw new Error(options.issues[0]?.message);
    const level = dense.plugin.create(options.value, place(8, null));
    expect(await weights(level, 'g.')).toBe(1_790_400); // 100·1200 + 1200·1200 + 1200·192
    expect(await weights(level, 'd.')).toBe(475_800); // 192·600 + 600·600 + 600
  });
});
