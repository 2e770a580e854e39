// Three kinds of models on one pyramid of CIFAR-10, 8×8 → 14×14 → 28×28, trained in minutes on two CPU cores: an
// autoregressive level that draws pixel by pixel, an adversarial one, both told the class, and a super-resolution hybrid that
// keeps what they drew and ignores the class.
// Then: lapyra sample --class ship
// All sizes and trainings are a choice of this project.
import { cifar10 } from '@lapyra/dataset-cifar10';
import { autoregressive } from '@lapyra/level-autoregressive';
import { classRefine } from '@lapyra/level-class-conditional';
import { superResolve } from '@lapyra/level-super-resolution';
import { boxBilinear } from '@lapyra/transform-laplacian';
import { defineConfig } from 'lapyra';

// The rate stays as it is for half of the steps and then falls to 2 % of that.
const adam = { kind: 'adam', rate: 1e-3, beta1: 0.5, decayFrom: 0.5, decayTo: 0.02 } as const;

export default defineConfig({
  name: 'cifar10-mixed',
  data: { from: cifar10(), crop: 28, flip: true, whitening: 'channel' },
  condition: 'class',
  transform: boxBilinear(),
  levels: [
    { size: 8, steps: 3000, model: autoregressive() },
    {
      size: 14,
      steps: 900,
      model: classRefine({
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
      }),
    },
    {
      size: 28,
      steps: 600,
      model: superResolve({
        output: 'band',
        generator: { width: 48, blocks: 2, kernel: 3, batchNorm: false },
        discriminator: { width: 24, pairs: 3, units: 64, batchNorm: false },
        losses: {
          pixel: { weight: 3 },
          content: { layer: 'conv2', weight: 0.2 },
          adversarial: 1,
          variation: 0,
          lowPass: 100,
        },
        batch: { real: 16, generated: 16, generator: 16 },
        optimiser: adam,
        average: 0.99,
      }),
    },
  ],
});
