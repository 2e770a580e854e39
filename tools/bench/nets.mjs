// The networks of the benchmark: levels with options, at a place of a pyramid.

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
const refine = '@lapyra/level-adversarial#refine';
const dense = '@lapyra/level-adversarial#dense';
const paper = [8, 14, 28];

/**
 * By name: `use` and `options` of a level; `sizes` of the pyramid and which of them is the level's. `asked` is the ratio to
 * PyTorch that the project sets itself, `aim` what it would like; `askedMemory` the same for memory. Those without are measured only
 * where they are named; `few`: by that many steps, each takes most of a minute; `alone`: the peer does not have it.
 */
export const NETS = {
  'paper 8→14, 64 planes, batch 128': {
    use: refine,
    options: { width: 64 },
    sizes: paper,
    index: 1,
    asked: 1.5,
    aim: 1,
  },
  'paper 14→28, 64 planes, batch 128': {
    use: refine,
    options: { width: 64 },
    sizes: paper,
    index: 2,
    asked: 1.3,
    aim: 1,
  },
  'paper 14→28, 128 planes, batch 128': {
    use: refine,
    options: { width: 128 },
    sizes: paper,
    index: 2,
    asked: 1.2,
    aim: 1,
    askedMemory: 1.5,
  },
  'paper 8×8, fully connected, batch 128': {
    use: dense,
    options: {},
    sizes: paper,
    index: 0,
    asked: 1.1,
    aim: 0.8,
  },
  'DCGAN 32×32, batch 128': {
    use: '@lapyra/level-dcgan#dcgan',
    options: {},
    sizes: [32],
    index: 0,
    asked: 1.4,
    aim: 1,
  },
  'SRGAN 14→28, 8 blocks of 64, batch 16': {
    use: '@lapyra/level-super-resolution#superResolve',
    options: { generator: { blocks: 8 }, batch: { real: 16, generated: 16, generator: 16 } },
    sizes: [14, 28],
    index: 1,
    asked: 1.3,
    aim: 1,
  },
  'cifar10-quick 8×8': { use: dense, options: quickDense, sizes: paper, index: 0 },
  'cifar10-quick 8→14': { use: refine, options: quick, sizes: paper, index: 1 },
  'cifar10-quick 14→28': { use: refine, options: quick, sizes: paper, index: 2 },
  'lsun 16→32, large, batch 128': {
    use: '@lapyra/level-adversarial#lsunRefine',
    options: {},
    sizes: [4, 8, 16, 32, 64],
    index: 3,
    few: 2,
    alone: true,
  },
  'stl10 16→32, 128 planes, batch 128': {
    use: refine,
    options: { width: 128 },
    sizes: [8, 16, 32, 64, 96],
    index: 2,
    few: 2,
  },
  'small 4→8, 8 planes, batch 8': {
    use: refine,
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

/** The levels of the preset `cifar10-quick` with their steps, in the order in which `lapyra train` starts them. */
export const QUICK = {
  name: 'cifar10-quick, all levels, whole preset',
  asked: 1.2,
  aim: 0.8,
  levels: [
    { net: 'cifar10-quick 14→28', steps: 790 },
    { net: 'cifar10-quick 8×8', steps: 6800 },
    { net: 'cifar10-quick 8→14', steps: 900 },
  ],
};

/** Pyramids to draw from: their levels' nets, from coarse to fine. */
export const PYRAMIDS = {
  'paper 8→14→28, 64 planes': [
    'paper 8×8, fully connected, batch 128',
    'paper 8→14, 64 planes, batch 128',
    'paper 14→28, 64 planes, batch 128',
  ],
  'cifar10-quick 8→14→28': ['cifar10-quick 8×8', 'cifar10-quick 8→14', 'cifar10-quick 14→28'],
};
