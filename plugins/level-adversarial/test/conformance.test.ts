// Tiny nets with each option that changes what is computed, compiled on ONNX Runtime and held against plain JavaScript.
import { onnxruntimeCpu } from '@lapyra/backend-onnxruntime';
import { tfjsCpu } from '@lapyra/backend-tfjs';
import type { NoiseInput } from '@lapyra/gan';
import type { Engine, Plugin, Size } from '@lapyra/core';
import * as adversarial from '@lapyra/level-adversarial';
import { levelConformance, makeLevel, pluginConformance, placeAt } from '@lapyra/testing';
import { boxBilinear } from '@lapyra/transform-laplacian';
import { memory } from '@tensorflow/tfjs-core';

const { dense, denseRefine, lsunRefine, refine } = adversarial;

pluginConformance({
  manifest: new URL('../package.json', import.meta.url),
  exports: adversarial,
});

const compiled = async (): Promise<Engine> =>
  (await onnxruntimeCpu.plugin.create({}, undefined)).open({ threads: 1 });
const eager = async (): Promise<Engine> => (await tfjsCpu.plugin.create({}, undefined)).open();
const transform = await boxBilinear.plugin.create({}, undefined);

interface Case<Input> {
  readonly name: string;
  readonly options: Input;
  readonly sizes: readonly Size[];
  readonly index: number;
  readonly channels: number;
  readonly lowers?: readonly string[];
}

async function conforms<Input, Output>(
  plugin: Plugin<'level', Input, Output>,
  { name, options, sizes, index, channels, lowers = [] }: Case<Input>,
): Promise<void> {
  await levelConformance({
    name,
    create: () => makeLevel(plugin, options, placeAt(sizes, index, { channels })),
    engine: compiled,
    oracle: eager,
    transform,
    sizes,
    index,
    lowers,
  });
}

const batch = { real: 4, generated: 4, generator: 6 };
/** Kernels that fit small images, in the order and with the strides of the paper's. */
const small = {
  width: 6,
  batch,
  generator: { kernels: [5, 5, 3] },
  discriminator: { layers: [{ kernel: 3 }, { kernel: 3, stride: 2 }] },
};
const thin = { generator: { hidden: [12, 10] }, discriminator: { hidden: [9, 8] } };

await conforms(dense, {
  name: 'dense as in the paper',
  options: { noise: 5, batch, ...thin },
  sizes: [[4, 4]],
  index: 0,
  channels: 3,
});

await conforms(dense, {
  name: 'dense with batch norm, Adam and an average; 4×6, grey',
  options: {
    noise: 5,
    batch: { real: 3, generated: 5, generator: 4 },
    generator: {
      hidden: [12, 10],
      batchNorm: true,
      activations: ['relu', 'sigmoid'],
      deviation: 0.05,
    },
    discriminator: { hidden: [9], activation: 'leakyRelu', dropout: 0.3 },
    optimiser: { kind: 'adam', rate: 1e-3, decayFrom: 0.5, decayTo: 0.02 },
    average: 0.9,
  },
  sizes: [
    [4, 6],
    [8, 8],
  ],
  index: 0,
  channels: 1,
});

await conforms(refine, {
  name: 'refine as in the paper, 8 to 14',
  options: { width: 4, batch: { real: 2, generated: 2, generator: 3 } },
  sizes: [
    [8, 8],
    [14, 14],
  ],
  index: 1,
  channels: 3,
});

await conforms(refine, {
  name: 'refine with slow SGD, pixel loss and an average; 4×5 to 6×8 below 12×16',
  options: {
    ...small,
    optimiser: { kind: 'sgd', rate: 0.005, momentum: 0, momentumRise: 0, rateDivisor: 2 },
    average: 0.8,
    pixelLoss: 30,
    discriminator: { ...small.discriminator, activation: 'leakyRelu', dropout: 0 },
  },
  sizes: [
    [4, 5],
    [6, 8],
    [12, 16],
  ],
  index: 1,
  channels: 3,
  lowers: ['pixel'],
});

await conforms(refine, {
  name: 'refine with Adam, batch norm, padding and pixel loss; grey',
  options: {
    width: 5,
    batch: { real: 3, generated: 5, generator: 4 },
    generator: { kernels: [3, 3], batchNorm: true },
    discriminator: {
      layers: [
        { kernel: 4, stride: 2, padding: 1, planes: 4 },
        { kernel: 3, padding: 1 },
      ],
      dropout: 0.25,
    },
    optimiser: { kind: 'adam', rate: 2e-3 },
    pixelLoss: 5,
  },
  sizes: [
    [4, 4],
    [8, 8],
  ],
  index: 1,
  channels: 1,
  lowers: ['pixel'],
});

await conforms(refine, {
  name: 'refine in two parts a step, with batch norm, Adam, an average and pixel loss; grey',
  options: {
    width: 5,
    batch: { real: 4, generated: 6, generator: 8 },
    microBatches: 2,
    generator: { kernels: [3, 3], batchNorm: true },
    discriminator: { layers: [{ kernel: 3, stride: 2 }], dropout: 0.25 },
    optimiser: { kind: 'adam', rate: 2e-3 },
    average: 0.8,
    pixelLoss: 5,
  },
  sizes: [
    [4, 4],
    [8, 8],
  ],
  index: 1,
  channels: 1,
  lowers: ['pixel'],
});

/** Each of them with what else changes in the network: number of planes, gain and basis. */
const noises: readonly [string, NoiseInput][] = [
  ['low-rank noise from gain 0', { design: 'low-rank', rank: 3, distribution: 'normal', gain: 0 }],
  ['a fixed basis of two planes', { design: 'low-rank', rank: 4, planes: 2, basis: 'fixed' }],
  ['hashed noise, a gain for all', { design: 'hashed', variables: 5, gain: 0.5, gainPer: 'all' }],
  ['a vector of noise, a gain each', { design: 'vector', length: 3, gain: 1 }],
  ['no noise', { design: 'none' }],
];
for (const [name, noise] of noises)
  await conforms(refine, {
    name: `refine with ${name}`,
    options: { ...small, noise, optimiser: { kind: 'adam', rate: 2e-3 }, pixelLoss: 5 },
    sizes: [
      [3, 4],
      [6, 8],
    ],
    index: 1,
    channels: 1,
    lowers: ['pixel'],
  });

await conforms(dense, {
  name: 'dense with normal noise and gains',
  options: {
    noise: { design: 'vector', length: 4, distribution: 'normal', gain: 1 },
    batch,
    ...thin,
  },
  sizes: [[3, 3]],
  index: 0,
  channels: 1,
});

/** Both networks learn at every step. */
const always = { ahead: 100, lost: 0 };

await conforms(lsunRefine, {
  name: 'lsunRefine with few planes, 7 to 14',
  options: {
    batch: { real: 2, generated: 2, generator: 3 },
    generator: { planes: [4, 8, 8, 4] },
    discriminator: { planes: [4, 16, 16] },
    margin: always,
    average: 0.9,
  },
  sizes: [
    [7, 7],
    [14, 14],
  ],
  index: 1,
  channels: 3,
});

await conforms(denseRefine, {
  name: 'denseRefine in two parts a step, by the margin rule',
  options: {
    batch: { real: 4, generated: 4, generator: 4 },
    microBatches: 2,
    generator: { hidden: [12, 10] },
    discriminator: { hidden: [9] },
    margin: always,
  },
  sizes: [
    [3, 4],
    [6, 8],
  ],
  index: 1,
  channels: 3,
});

await conforms(denseRefine, {
  name: 'denseRefine of few units by the margin rule, 3×4 to 6×8, grey',
  options: {
    batch,
    noise: { design: 'low-rank', rank: 3, gain: 1 },
    generator: { hidden: [12, 10], dropout: 0.25 },
    discriminator: { hidden: [9] },
    margin: always,
    optimiser: { kind: 'adam', rate: 1e-3 },
  },
  sizes: [
    [3, 4],
    [6, 8],
  ],
  index: 1,
  channels: 1,
});

await levelConformance({
  name: 'dense, run eagerly',
  create: () => makeLevel(dense, { noise: 3, batch, ...thin }, placeAt([[3, 3]], 0)),
  engine: eager,
  transform,
  sizes: [[3, 3]],
  index: 0,
  steps: 5,
  liveTensors: () => memory().numTensors,
});
