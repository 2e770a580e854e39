// Tiny nets of each kind, compiled on ONNX Runtime and held against plain JavaScript.
import { onnxruntimeCpu } from '@lapyra/backend-onnxruntime';
import { tfjsCpu } from '@lapyra/backend-tfjs';
import type { Engine, FeatureNet, Size } from '@lapyra/core';
import { cifar10Features } from '@lapyra/features-cifar10';
import type { SuperResolveInput } from '@lapyra/level-super-resolution';
import { levelConformance } from '@lapyra/testing';
import { boxBilinear } from '@lapyra/transform-laplacian';
import { makeLevel, placeAt } from './make-level.js';

const compiled = async (): Promise<Engine> =>
  (await onnxruntimeCpu.plugin.create({}, undefined)).open({ threads: 1 });
const eager = async (): Promise<Engine> => (await tfjsCpu.plugin.create({}, undefined)).open();
const transform = await boxBilinear.plugin.create({}, undefined);
const features = await cifar10Features.plugin.create({}, undefined);

const batch = { real: 3, generated: 3, generator: 4 };
const generator = { width: 4, blocks: 1, kernel: 3 };
const discriminator = { width: 2, pairs: 2, units: 5 };
const optimiser = { kind: 'adam', rate: 1e-3 } as const;

interface Case {
  readonly name: string;
  readonly options: SuperResolveInput;
  readonly sizes: readonly Size[];
  readonly lowers: readonly string[];
  readonly channels?: number;
  readonly net?: FeatureNet;
}

async function conforms({ name, options, sizes, lowers, channels = 3, net }: Case): Promise<void> {
  await levelConformance({
    name,
    create: () => makeLevel(options, placeAt(sizes, 1, channels), net),
    engine: compiled,
    oracle: eager,
    transform,
    sizes,
    index: 1,
    lowers,
  });
}

await conforms({
  name: 'supervised, on the upsampled image; 5×4 to 8×6, grey',
  options: {
    output: 'band',
    batch,
    optimiser,
    generator: { ...generator, batchNorm: false, upsampling: 'before' },
    losses: {
      pixel: { kind: 'l1' },
      content: { weight: 0 },
      adversarial: 0,
      variation: 0,
      lowPass: 0.5,
    },
    average: 0.9,
  },
  sizes: [
    [5, 4],
    [8, 6],
  ],
  channels: 1,
  lowers: ['pixel', 'lowPass'],
});

await conforms({
  name: 'SRGAN in small, 4 to 8, with features, after a pre-training, in two parts a step',
  options: {
    batch: { real: 4, generated: 4, generator: 6 },
    microBatches: 2,
    optimiser,
    generator,
    discriminator,
    pretraining: 0.5,
  },
  sizes: [
    [4, 4],
    [8, 8],
  ],
  net: features,
  lowers: ['pixel', 'content'],
});

await conforms({
  name: 'a hybrid with transposed convolutions, least squares and low-pass, 3 to 12',
  options: {
    output: 'band',
    batch,
    optimiser: { kind: 'sgd', rate: 0.02, momentum: 0.5 },
    game: 'least-squares',
    generator: { ...generator, batchNorm: false, upsampling: 'transposed' },
    discriminator: { ...discriminator, batchNorm: false },
    losses: { content: { weight: 0 }, adversarial: 0.05, variation: 0, lowPass: 1 },
  },
  sizes: [
    [3, 3],
    [12, 12],
  ],
  lowers: ['pixel'],
});
