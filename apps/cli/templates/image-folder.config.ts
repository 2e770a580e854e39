// A pyramid for your own pictures: put them into the folder `images`, flat or one folder a class.
// Networks as in the preset `cifar10-quick`, one level more.
import { imageFolder } from '@lapyra/dataset-image-folder';
import { dense, refine } from '@lapyra/level-adversarial';
import { boxBilinear } from '@lapyra/transform-laplacian';
import { defineConfig } from 'lapyra';

const optimiser = { kind: 'adam', rate: 1e-3, beta1: 0.5, decayFrom: 0.5, decayTo: 0.02 } as const;

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
  data: { from: imageFolder({ folder: 'images', size: 64 }), flip: true, whitening: 'channel' },
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
    { size: 16, steps: 1000, model: refining },
    { size: 32, steps: 1000, model: refining },
    { size: 64, steps: 1000, model: refining },
  ],
});
