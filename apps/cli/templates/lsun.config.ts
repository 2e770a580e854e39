// The pyramid of the LAPGAN paper for LSUN scenes (Denton et al. 2015, arXiv 1506.05751): 4×4 → 8×8 → 16×16 → 32×32 → 64×64,
// with the networks and the training of the authors' code (github.com/facebook/eyescream, lsun/), unconditional.
//
// Put the pictures of one scene class of LSUN (www.yf.io/p/lsun), as JPEG, PNG or WebP files, flat into the folder `images`:
// the authors trained one pyramid for each class, with the level 32 → 64 shared by all. Or pictures of your own.
//
// As in the code: short sides brought to 96, random crops of 64 (here out of the middle square), mirrored; mean and deviation
// by channel; rate 0.01, momentum that rises from 0 by 0.0008 an epoch to 0.7; the margin rule, by which mostly one network
// learns at a step; 24 times 5000 steps.
// Choices of this project:
// - 4 → 8 is the code's fully connected model `full`: the authors' own model there was never released, and the large one
//   needs 13 pixels;
// - the first level is theirs for CIFAR-10 at 4×4, 100 units in both networks: their figures begin with real images of 4×4;
// - generated images stand on other coarse images than the real ones beside them, as on CIFAR-10 (in the code for LSUN on those
//   of the other half of the batch).
//
// This is for GPUs or patience: a step of the level 32 → 64 takes minutes on two CPU cores. It is computed in eight parts
// (microBatches), with the gradients added up, in 3 GiB instead of 22; batch norm then has the statistics of a part. The level
// 16 → 32 takes 5 GiB whole. Smaller batches take less of both: batch: { real: 8, generated: 8, generator: 16 } in each level.
import { imageFolder } from '@lapyra/dataset-image-folder';
import { dense, denseRefine, lsunRefine } from '@lapyra/level-adversarial';
import { boxBilinear } from '@lapyra/transform-laplacian';
import { defineConfig } from 'lapyra';

const steps = 24 * 5000;

const optimiser = {
  kind: 'sgd',
  rate: 0.01,
  momentum: 0,
  momentumTo: 0.7,
  rateDivisor: 1.000004,
} as const;

export default defineConfig({
  name: 'lsun',
  data: {
    from: imageFolder({ folder: 'images', size: 96 }),
    crop: 64,
    flip: true,
    whitening: 'channel',
  },
  transform: boxBilinear(),
  levels: [
    {
      size: 4,
      steps,
      model: dense({ generator: { hidden: [100, 100] }, discriminator: { hidden: [100, 100] } }),
    },
    { size: 8, steps, model: denseRefine({ margin: {}, optimiser }) },
    { size: 16, steps, model: lsunRefine() },
    { size: 32, steps, model: lsunRefine() },
    { size: 64, steps, model: lsunRefine({ microBatches: 8 }) },
  ],
});
