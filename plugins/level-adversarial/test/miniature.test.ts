// The comparison of the evidence, in seconds: what the level draws for unseen images is distributed more like real detail
// than no detail is, and follows from what it learnt.
import { onnxruntimeCpu } from '@lapyra/backend-onnxruntime';
import type { Size, TensorValue } from '@lapyra/core';
import { refine } from '@lapyra/level-adversarial';
import { makeLevel, type Miniature, placeAt, trainMiniature } from '@lapyra/testing';
import { boxBilinear } from '@lapyra/transform-laplacian';
import { afterAll, expect, it } from 'vitest';

const sizes: readonly Size[] = [
  [8, 8],
  [14, 14],
];
const transform = await boxBilinear.plugin.create({}, undefined);
const engine = await (await onnxruntimeCpu.plugin.create({}, undefined)).open({ threads: 1 });
afterAll(() => engine.dispose());

async function trained(steps: number): Promise<Miniature> {
  const options = {
    width: 8,
    generator: { kernels: [5, 3] },
    discriminator: {
      layers: [
        { kernel: 3, stride: 2, padding: 1 },
        { kernel: 3, stride: 2, padding: 1 },
      ],
      activation: 'leakyRelu',
      dropout: 0,
    },
    batch: { real: 16, generated: 16, generator: 16 },
    optimiser: { kind: 'adam', rate: 2e-3 },
    pixelLoss: 30,
  } as const;
  const level = await makeLevel(refine, options, placeAt(sizes, 1));
  return trainMiniature({ level, engine, transform, sizes, index: 1, steps });
}

/** Differences of two lists of images, in the order of their size. */
function sortedDifferences(a: TensorValue, b: TensorValue): Float32Array {
  return Float32Array.from(a.data, (value, at) => value - b.data[at]!).sort();
}

/** The Wasserstein distance between the values of drawn and of real bands, beside that of bands of zeros. */
async function distances(level: Miniature): Promise<{ drawn: number; zero: number }> {
  const low = level.held('low');
  const real = sortedDifferences(level.held('image'), low);
  const drawn = sortedDifferences(await level.draw(), low);
  const mean = (of: (value: number, at: number) => number): number =>
    real.reduce((sum, value, at) => sum + Math.abs(of(value, at)), 0) / real.length;
  return { drawn: mean((value, at) => value - drawn[at]!), zero: mean((value) => value) };
}

it('draws detail that is closer to real detail than none, once it is trained', async () => {
  const { drawn, zero } = await distances(await trained(150));
  expect(drawn).toBeLessThan(0.6 * zero);
  const early = await distances(await trained(2));
  expect(drawn).toBeLessThan(0.8 * early.drawn);
});
