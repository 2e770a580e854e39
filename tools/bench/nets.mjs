// The networks of the benchmark, as options of the levels and as the peer reads them.

const adam = { kind: 'adam', rate: 1e-3, beta1: 0.5, decayFrom: 0.5, decayTo: 0.02 };
const quick = {
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
  optimiser: adam,
  pixelLoss: 30,
  average: 0.99,
};
const quickDense = {
  generator: { hidden: [512, 512], batchNorm: true },
  discriminator: { hidden: [512, 512], activation: 'leakyRelu', dropout: 0.3 },
  batch: { real: 32, generated: 32, generator: 64 },
  optimiser: adam,
  average: 0.99,
};

/**
 * `name` → export of the level plugin, its options, and the level's place in crops of 3 channels. `long`: a step takes most
 * of a minute, so it is measured only where it is named, by two steps; `alone`: the peer does not have it.
 */
export const NETS = {
  'paper 8→14, 64 planes, batch 128': {
    model: 'refine',
    options: { width: 64 },
    sizes: [8, 14, 28],
    index: 1,
  },
  'paper 14→28, 64 planes, batch 128': {
    model: 'refine',
    options: { width: 64 },
    sizes: [8, 14, 28],
    index: 2,
  },
  'paper 14→28, 128 planes, batch 128': {
    model: 'refine',
    options: { width: 128 },
    sizes: [8, 14, 28],
    index: 2,
  },
  'paper 8×8, fully connected, batch 128': {
    model: 'dense',
    options: {},
    sizes: [8, 14, 28],
    index: 0,
  },
  'cifar10-quick 8×8': { model: 'dense', options: quickDense, sizes: [8, 14, 28], index: 0 },
  'cifar10-quick 8→14': { model: 'refine', options: quick, sizes: [8, 14, 28], index: 1 },
  'cifar10-quick 14→28': { model: 'refine', options: quick, sizes: [8, 14, 28], index: 2 },
  'lsun 16→32, large, batch 128': {
    model: 'lsunRefine',
    options: {},
    sizes: [4, 8, 16, 32, 64],
    index: 3,
    long: true,
    alone: true,
  },
  'stl10 16→32, 128 planes, batch 128': {
    model: 'refine',
    options: { width: 128 },
    sizes: [8, 16, 32, 64, 96],
    index: 2,
    long: true,
  },
  'small 4→8, 8 planes, batch 8': {
    model: 'refine',
    options: {
      width: 8,
      generator: { kernels: [3, 3] },
      discriminator: { layers: [{ kernel: 3 }, { kernel: 3, stride: 2 }] },
      batch: { real: 4, generated: 4, generator: 8 },
    },
    sizes: [4, 8],
    index: 1,
  },
};
