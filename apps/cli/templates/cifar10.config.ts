// The pyramid of the LAPGAN paper for CIFAR-10 (Denton et al. 2015, arXiv 1506.05751): 8×8 → 14×14 → 28×28.
//
// Where the paper and the authors' released code (github.com/facebook/eyescream) differ, the paper's value is taken:
// momentum rises from 0.5 to 0.8 by 0.0008 an epoch (code: to 0.7), the rate is divided by 1 + 4e-5 an epoch (code: mostly
// 1.000004), 28×28 crops (code: 32×32), and the second hidden layer of the 8×8 generator is ReLU (code: sigmoid). One
// value is the code's: each batch is half real and half generated (paper: a coin flip for each image). Where neither
// tells: 375 epochs of 704 steps, the time in which the momentum reaches its cap; the paper's 64 planes at the first
// refining level of ports are 128 here, as in the authors' released 8→14 and 14→28 weights.
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
