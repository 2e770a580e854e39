// Three levels on CIFAR-10 that are told what to draw, 8×8 → 14×14 → 28×28, and train in minutes on two CPU cores.
// Then: lapyra sample --class frog
// Where the class enters is as in the class-conditional LAPGAN of the paper (Denton et al. 2015); sizes and training are the
// recipe of the preset `cifar10-quick`, a choice of this project. The paper's own networks are classDense() and
// classRefine({ width: 128 }), without options.
import { cifar10 } from '@lapyra/dataset-cifar10';
import { classDense, classRefine } from '@lapyra/level-class-conditional';
import { boxBilinear } from '@lapyra/transform-laplacian';
import { defineConfig } from 'lapyra';

// The rate stays at 0.001 for half of the steps and then falls to 2 % of that.
const optimiser = { kind: 'adam', rate: 1e-3, beta1: 0.5, decayFrom: 0.5, decayTo: 0.02 } as const;

// A convolutional generator that adds detail, drawn towards the true band by a squared error of weight 30.
const refining = classRefine({
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
  name: 'cifar10-class-quick',
  data: { from: cifar10(), crop: 28, flip: true, whitening: 'channel' },
  condition: 'class',
  transform: boxBilinear(),
  levels: [
    {
      size: 8,
      steps: 6800,
      model: classDense({
        generator: { hidden: [512, 512], batchNorm: true },
        discriminator: { hidden: [512, 512], activation: 'leakyRelu', dropout: 0.3 },
        batch: { real: 32, generated: 32, generator: 64 },
        optimiser,
        average: 0.99,
      }),
    },
    { size: 14, steps: 900, model: refining },
    { size: 28, steps: 790, model: refining },
  ],
});
