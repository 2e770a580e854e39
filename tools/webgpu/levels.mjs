// Every level that trains by steps, in small, with the options that change what is computed.
import { cifar10Features } from '@lapyra/features-cifar10';
import { dense, denseRefine, lsunRefine, refine } from '@lapyra/level-adversarial';
import { denoising, variational } from '@lapyra/level-autoencoder';
import { autoregressive } from '@lapyra/level-autoregressive';
import { classDense, classRefine } from '@lapyra/level-class-conditional';
import { dcgan } from '@lapyra/level-dcgan';
import { diffusion } from '@lapyra/level-diffusion';
import { superResolve } from '@lapyra/level-super-resolution';
import { textFirst, textRefine } from '@lapyra/level-text-conditional';

const batch = { real: 2, generated: 2, generator: 3 };
const classes = { kind: 'classes', names: ['cat', 'dog', 'ship'] };
const embedding = { kind: 'embedding', width: 6 };
const sgd = { kind: 'sgd', rate: 0.02 };
const adam = { kind: 'adam', rate: 1e-3 };
const small = {
  generator: { kernels: [5, 3] },
  discriminator: { layers: [{ kernel: 3 }, { kernel: 3, stride: 2 }] },
};
const hidden = { generator: { hidden: [12, 10] }, discriminator: { hidden: [9, 8] } };
const features = await cifar10Features.plugin.create({}, undefined);
const square = (...sides) => sides.map((side) => [side, side]);

/** `sizes` of the pyramid; the level is that of the last. */
export const LEVELS = [
  { name: 'dense', plugin: dense, options: { noise: 5, batch, ...hidden }, sizes: square(4) },
  {
    name: 'refine',
    plugin: refine,
    options: { width: 4, batch, ...small },
    sizes: square(4, 8),
  },
  {
    name: 'refine with batch norm, Adam, an average and gained noise, in two parts a step',
    plugin: refine,
    options: {
      width: 4,
      batch: { real: 4, generated: 4, generator: 4 },
      microBatches: 2,
      noise: { design: 'low-rank', rank: 3, planes: 2, gain: 0.5 },
      generator: { kernels: [3, 3], batchNorm: true },
      discriminator: { layers: [{ kernel: 4, stride: 2, padding: 1 }], activation: 'leakyRelu' },
      optimiser: adam,
      pixelLoss: 30,
      average: 0.9,
    },
    sizes: square(4, 8),
  },
  {
    name: 'denseRefine',
    plugin: denseRefine,
    options: { batch, ...hidden, noise: { design: 'hashed', variables: 5, gain: 0.5 } },
    sizes: square(3, 6),
  },
  {
    name: 'lsunRefine',
    plugin: lsunRefine,
    options: {
      batch,
      generator: { planes: [4, 8, 8, 4] },
      discriminator: { planes: [4, 16, 16] },
    },
    sizes: square(7, 14),
  },
  {
    name: 'classDense',
    plugin: classDense,
    options: { noise: 5, batch, ...hidden, wrongPairs: 0.5 },
    sizes: square(4),
    condition: classes,
  },
  {
    name: 'classRefine',
    plugin: classRefine,
    options: { width: 4, batch, ...small },
    sizes: square(4, 8),
    condition: classes,
  },
  {
    name: 'dcgan',
    plugin: dcgan,
    options: { noise: 6, width: 3, batch, optimiser: sgd },
    sizes: square(16),
  },
  {
    name: 'dcgan with spectral norm, hinge and augmentation',
    plugin: dcgan,
    options: {
      noise: 4,
      width: 3,
      batch,
      generator: { batchNorm: false },
      discriminator: { norm: 'spectral', dropout: 0.25 },
      augmentation: {},
      loss: 'hinge',
      average: 0.9,
    },
    sizes: square(8),
  },
  {
    name: 'superResolve, SRGAN with features, after a pre-training',
    plugin: superResolve,
    options: {
      batch,
      optimiser: sgd,
      generator: { width: 4, blocks: 1, kernel: 3 },
      discriminator: { width: 2, pairs: 2, units: 5 },
      pretraining: 0.5,
    },
    sizes: square(4, 8),
    parts: { features },
  },
  {
    name: 'superResolve by transposed convolutions',
    plugin: superResolve,
    options: {
      output: 'band',
      batch,
      optimiser: sgd,
      game: 'least-squares',
      generator: { width: 4, blocks: 1, kernel: 3, batchNorm: false, upsampling: 'transposed' },
      discriminator: { width: 2, pairs: 2, units: 5, batchNorm: false },
      losses: { content: { weight: 0 }, adversarial: 0.05, variation: 0.1, lowPass: 1 },
    },
    sizes: square(3, 12),
  },
  {
    name: 'textFirst with interpolation and a style encoder',
    plugin: textFirst,
    options: {
      noise: 5,
      batch,
      textUnits: 5,
      generator: { width: 2 },
      discriminator: { width: 3 },
      optimiser: sgd,
      style: { width: 2, from: 0.3, batch: 2 },
    },
    sizes: square(8),
    condition: embedding,
  },
  {
    name: 'textRefine',
    plugin: textRefine,
    options: {
      batch,
      textUnits: 5,
      generator: { width: 3, kernels: [5, 3] },
      discriminator: { width: 3 },
      optimiser: sgd,
    },
    sizes: square(4, 8),
    condition: embedding,
  },
  {
    name: 'diffusion, first',
    plugin: diffusion,
    options: { width: 4, steps: 3, batch: 2 },
    sizes: square(4),
    condition: classes,
  },
  {
    name: 'diffusion, refining',
    plugin: diffusion,
    options: { width: 4, steps: 3, batch: 2 },
    sizes: square(3, 6),
  },
  {
    name: 'variational',
    plugin: variational,
    options: { hidden: [12, 10], batch: 3, latent: 4, grain: true },
    sizes: square(4),
  },
  {
    name: 'variational, refining',
    plugin: variational,
    options: { width: 5, layers: 2, batch: 3, planes: 1, grain: true },
    sizes: square(3, 5),
  },
  {
    name: 'denoising',
    plugin: denoising,
    options: { hidden: [12, 10], batch: 3, chain: 3, walkback: 2 },
    sizes: square(4),
  },
  {
    name: 'denoising, refining',
    plugin: denoising,
    options: { width: 5, layers: 2, batch: 3, chain: 2, walkback: 2 },
    sizes: square(3, 5),
  },
  {
    name: 'autoregressive',
    plugin: autoregressive,
    options: { width: 4, blocks: 2, components: 2, batch: 2 },
    sizes: square(4),
  },
  {
    name: 'autoregressive, refining',
    plugin: autoregressive,
    options: { width: 4, blocks: 1, components: 2, batch: 2 },
    sizes: square(3, 5),
    condition: embedding,
  },
];
