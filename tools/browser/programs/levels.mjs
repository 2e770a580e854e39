// Two levels of a pyramid and how they learn: the same program in Node and in a browser.
import { measureWhitening } from '@lapyra/core';
import { dense, refine } from '@lapyra/level-adversarial';
import { imagesInMemory, openLevelSteps } from '@lapyra/training/steps';
import { boxBilinear } from '@lapyra/transform-laplacian';

const SIZES = [
  [8, 8],
  [14, 14],
];

const SIDE = 32;
const PLANE = SIDE * SIDE;

/** Images of CIFAR-10 in their official binary format: a label and three planes for each. Pixels [n, 32, 32, 3]. */
export function decodeCifar10(bytes) {
  const count = bytes.length / (1 + 3 * PLANE);
  const pixels = new Uint8Array(count * 3 * PLANE);
  for (let image = 0; image < count; image++)
    for (let channel = 0; channel < 3; channel++)
      for (let at = 0; at < PLANE; at++)
        pixels[(image * PLANE + at) * 3 + channel] =
          bytes[image * (1 + 3 * PLANE) + 1 + channel * PLANE + at];
  return pixels;
}

const TRAINING = {
  batch: { real: 8, generated: 8, generator: 16 },
  optimiser: { kind: 'adam', rate: 4e-3 },
};
const LAYER = { kernel: 3, stride: 2, padding: 1 };
const REFINING = {
  ...TRAINING,
  discriminator: { layers: [LAYER, LAYER], activation: 'leakyRelu', dropout: 0.3 },
  pixelLoss: 30,
};

/** Levels that learn something in few steps, by place. */
const LEVELS = {
  first: {
    index: 0,
    plugin: dense.plugin,
    options: {
      ...TRAINING,
      noise: 16,
      generator: { hidden: [32] },
      discriminator: { hidden: [32] },
    },
  },
  refining: {
    index: 1,
    plugin: refine.plugin,
    options: { ...REFINING, width: 4, generator: { kernels: [5, 3] } },
  },
  // With few kinds of operations: a card in software takes half a second to prepare one.
  tiny: {
    index: 1,
    plugin: refine.plugin,
    options: {
      ...REFINING,
      width: 4,
      generator: { kernels: [3] },
      discriminator: { layers: [LAYER], activation: 'leakyRelu', dropout: 0 },
    },
  },
  // Those of the preset cifar10-quick, to be timed.
  'cifar10-quick 8': {
    index: 0,
    plugin: dense.plugin,
    options: {
      generator: { hidden: [512, 512], batchNorm: true },
      discriminator: { hidden: [512, 512], activation: 'leakyRelu', dropout: 0.3 },
      batch: { real: 32, generated: 32, generator: 64 },
      optimiser: { kind: 'adam' },
      average: 0.99,
    },
  },
  'cifar10-quick 14': {
    index: 1,
    plugin: refine.plugin,
    options: {
      width: 32,
      generator: { kernels: [5, 3, 3] },
      discriminator: {
        layers: [
          { kernel: 3, planes: 32, padding: 1 },
          { kernel: 4, planes: 32, stride: 2, padding: 1 },
          { kernel: 4, planes: 64, stride: 2, padding: 1 },
        ],
        activation: 'leakyRelu',
        dropout: 0,
      },
      batch: { real: 16, generated: 16, generator: 32 },
      optimiser: { kind: 'adam' },
      pixelLoss: 30,
      average: 0.99,
    },
  },
};

/** The levels of a pyramid, coarse to fine. */
export const PYRAMID = ['first', 'refining'];

export async function makeLevel(name) {
  const { index, plugin, options } = LEVELS[name];
  const { value } = await plugin.options['~standard'].validate(options);
  return plugin.create(value, {
    size: SIZES[index],
    coarse: SIZES[index - 1] ?? null,
    channels: 3,
    condition: { kind: 'none' },
    transform: 'box-bilinear',
    pixels: { mean: [127.5, 127.5, 127.5], scale: [64, 64, 64], exact: false },
  });
}

/** How images of CIFAR-10 are normalised, per channel. */
export function whiteningOf(pixels) {
  return measureWhitening(
    'channel',
    [SIDE, SIDE],
    3,
    (async function* () {
      yield pixels;
    })(),
  );
}

/** The training of one of the levels on images of CIFAR-10, at its first step. */
export async function openTraining(engine, name, pixels, steps) {
  const level = await makeLevel(name);
  return openLevelSteps({
    level,
    engine,
    transform: await boxBilinear.plugin.create({}, undefined),
    sizes: SIZES,
    index: LEVELS[name].index,
    images: imagesInMemory({ pixels, size: [SIDE, SIDE] }),
    whitening: await whiteningOf(pixels),
    steps,
    seed: 1,
  });
}
