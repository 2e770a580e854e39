// The preset cifar10-quick with another network at 14×14: the paper’s with 16 planes, and no pixel loss.
import { cifar10 } from '@lapyra/dataset-cifar10';
import { dense, refine } from '@lapyra/level-adversarial';
import { boxBilinear } from '@lapyra/transform-laplacian';
import { defineConfig } from 'lapyra';

// The rate stays at 0.001 for half of the steps and then falls to 2 % of that.
const optimiser = { kind: 'adam', rate: 1e-3, beta1: 0.5, decayFrom: 0.5, decayTo: 0.02 } as const;

// A convolutional generator that adds detail, drawn towards the true band by a squared error of weight 30.
const refining = refine({
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
  optimiser,
  pixelLoss: 30,
  average: 0.99,
});

export default defineConfig({
  name: 'cifar10-quick',
  data: { from: cifar10(), crop: 28, flip: true, whitening: 'channel' },
  transform: boxBilinear(),
  levels: [
    {
      size: 8,
      steps: 6800,
      model: dense({
        generator: { hidden: [512, 512], batchNorm: true },
        discriminator: { hidden: [512, 512], activation: 'leakyRelu', dropout: 0.3 },
        batch: { real: 32, generated: 32, generator: 64 },
        optimiser,
        average: 0.99,
      }),
    },
    { size: 14, steps: 900, model: refine({ width: 16, optimiser, average: 0.99 }) },
    { size: 28, steps: 790, model: refining },
  ],
});
