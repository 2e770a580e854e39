// The baseline that a pyramid has to beat: one fully connected GAN that draws the whole image at once, with the sizes
// and initial weights of the authors' script for the plain GAN (github.com/facebook/eyescream, train_cifar.lua).
import { cifar10 } from '@lapyra/dataset-cifar10';
import { dense } from '@lapyra/level-adversarial';
import { boxBilinear } from '@lapyra/transform-laplacian';
import { defineConfig } from 'lapyra';

export default defineConfig({
  name: 'plain-gan',
  data: { from: cifar10(), crop: 28, flip: true, whitening: 'pixel', validation: 5000 },
  transform: boxBilinear(),
  levels: [
    {
      size: 28,
      steps: 375 * 900,
      model: dense({
        generator: { hidden: [8000, 8000], activations: ['relu', 'sigmoid'], deviation: 0.05 },
        discriminator: { hidden: [1600, 1600], deviation: 0.005 },
        batch: { real: 50, generated: 50, generator: 100 },
      }),
    },
  ],
});
