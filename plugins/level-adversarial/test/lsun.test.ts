// The true networks of the authors for LSUN: their sizes, and one step of them.
import { onnxruntimeCpu } from '@lapyra/backend-onnxruntime';
import { elementCount, type Level, type Size, type StepTraining } from '@lapyra/core';
import { denseRefine, lsunRefine } from '@lapyra/level-adversarial';
import { makeLevel, placeAt, trainMiniature } from '@lapyra/testing';
import { boxBilinear } from '@lapyra/transform-laplacian';
import { describe, expect, it } from 'vitest';

const large: Size[] = [
  [16, 16],
  [32, 32],
];
const small: Size[] = [
  [4, 4],
  [8, 8],
];

/** Elements of the weights, without biases. */
function weights({ training }: Level, prefix: string): Record<string, number> {
  return Object.fromEntries(
    Object.entries((training as StepTraining).state)
      .filter(([name]) => name.startsWith(prefix) && name.endsWith('.weight'))
      .map(([name, { shape }]) => [name.slice(prefix.length), elementCount(shape)]),
  );
}

const total = (counts: Record<string, number>): number =>
  Object.values(counts).reduce((sum, count) => sum + count, 0);

describe('lsunRefine', () => {
  it('has the weights of the published networks', async () => {
    const level = await makeLevel(lsunRefine, {}, placeAt(large, 1));
    const drawing = weights(level, 'g.');
    expect(drawing).toEqual({
      'conv1.weight': 12_544, // 49·4·64
      'conv2.weight': 288_512, // 49·(64/4)·368
      'conv3.weight': 577_024, // 49·(368/4)·128
      'conv4.weight': 179_200, // 25·(64/2)·224, behind the pooling of 128 planes to 64
      'conv5.weight': 32_928, // 49·224·3
    });
    expect(total(drawing)).toBe(1_090_208);
    expect(weights(level, 'd.')).toEqual({
      'conv1.weight': 1296, // 9·3·48
      'conv2.weight': 134_400, // 25·(48/4)·448
      'conv3.weight': 570_752, // 49·(448/16)·416
      'out.weight': 166_400, // 20·20·416 features at 32×32
    });
  });

  it('refuses images that its discriminator has no room for', async () => {
    await expect(makeLevel(lsunRefine, {}, placeAt(small, 1))).rejects.toThrow(
      'lsunRefine at 8: expected sides of at least 13 for its discriminator, got 8.',
    );
    await expect(makeLevel(lsunRefine, {}, placeAt(large, 0))).rejects.toThrow(
      'lsunRefine at 16: expected a level below, got the first place of the pyramid.',
    );
  });

  it('refuses planes that its groups do not divide', async () => {
    const options = { discriminator: { planes: [48, 440, 416] as const } };
    await expect(makeLevel(lsunRefine, options, placeAt(large, 1))).rejects.toThrow(
      'Expected a multiple of 16',
    );
  });
});

describe('denseRefine', () => {
  it('has the units of the authors', async () => {
    const level = await makeLevel(denseRefine, {}, placeAt(small, 1));
    // Noise and three colours of 64 pixels, three times 1024 units, a band.
    expect(total(weights(level, 'g.'))).toBe(256 * 1024 + 2 * 1024 * 1024 + 1024 * 192);
    expect(total(weights(level, 'd.'))).toBe(192 * 512 + 2 * 512 * 512 + 512);
  });

  it('refuses to be the first', async () => {
    await expect(makeLevel(denseRefine, {}, placeAt(small, 0))).rejects.toThrow(
      'denseRefine at 4: expected a level below, got the first place of the pyramid.',
    );
  });
});

describe('a step of the true networks, at a batch of 2 + 2', () => {
  const options = { batch: { real: 2, generated: 2, generator: 2 }, margin: {} };
  const cases: readonly [name: string, sizes: Size[], make: () => Promise<Level>][] = [
    ['lsunRefine 16 → 32', large, () => makeLevel(lsunRefine, options, placeAt(large, 1))],
    ['denseRefine 4 → 8', small, () => makeLevel(denseRefine, options, placeAt(small, 1))],
  ];
  it.each(cases)(
    '%s is finite, and lets at least one of them learn',
    async (_name, sizes, make) => {
      const engine = await (await onnxruntimeCpu.plugin.create({}, undefined)).open({ threads: 1 });
      const transform = await boxBilinear.plugin.create({}, undefined);
      const { losses } = await trainMiniature({
        level: await make(),
        engine,
        transform,
        sizes,
        index: 1,
        steps: 1,
      });
      await engine.dispose();
      expect(losses['finite']).toBe(1);
      // Before it has learnt anything a discriminator is near ln 2.
      expect(losses['d']).toBeGreaterThan(0.4);
      expect(losses['d']).toBeLessThan(1.2);
      expect(losses['dLearns']! + losses['gLearns']!).toBeGreaterThanOrEqual(1);
    },
  );
});
