// The pyramid of the LAPGAN paper for CIFAR-10 (Denton et al. 2015, arXiv 1506.05751): 8×8 → 14×14 → 28×28.
//
// Where the paper and the authors' released code (github.com/facebook/eyescream) differ, the paper's value is taken:
// momentum rises from 0.5 to 0.8 by 0.0008 an epoch (code: to 0.7), the rate is divided by 1 + 4e-5 an epoch (code: mostly
// 1.000004), 28×28 crops (code: 32×32), and the second hidden layer of the 8×8 generator is ReLU (code: sigmoid).
// Choices of this project:
// - half of each batch is real and half generated, as in the code (paper: a coin flip for each image);
// - 128 planes at both refining levels, as in the authors' released weights (ports have 64 at the lower one);
// - batches of 128 and Torch's default initial weights at 8×8 too (the code's script for it has batches of 100, and normal
//   weights of deviation 0.05 in the generator and 0.005 in the discriminator);
// - 375 epochs of 704 steps, after which the momentum is at its cap: neither source says how long.
//
// This is for GPUs or patience: an epoch of the 14→28 level takes about half an hour on two CPU cores.
import { cifar10 } from '@lapyra/dataset-cifar10';
import { dense, refine } from '@lapyra/level-adversarial';
import { boxBilinear } from '@lapyra/transform-laplacian';
import { defineConfig } from 'lapyra';

const steps = 375 * 704;

export default defineConfig({
  name: 'cifar10',
  data: { from: cifar10(), crop: 28, flip: true, whitening: 'pixel', validation: 5000 },
  transform: boxBilinear(),
  levels: [
    {
      size: 8,
      steps,
      model: dense({ generator: { hidden: [1200, 1200] }, discriminator: { hidden: [600, 600] } }),
    },
    { size: 14, steps, model: refine({ width: 128 }) },
    { size: 28, steps, model: refine({ width: 128 }) },
  ],
});
