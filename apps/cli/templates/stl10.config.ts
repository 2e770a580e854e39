// The pyramid of the LAPGAN paper for STL-10 (Denton et al. 2015, arXiv 1506.05751): 8×8 → 16×16 → 32×32 → 64×64 → 96×96.
//
// Put the 100 000 unlabelled images of STL-10 (cs.stanford.edu/~acoates/stl10) as PNG files, flat, into the folder `images`;
// the binary file that is published there has to be written out as pictures first. Or pictures of your own.
//
// The sizes are the paper's, and so is the number of layers, three and two, as for CIFAR-10; 1000 units at 8×8 are those of a
// network that the authors name in their code (github.com/soumith/eyescream). Their code for STL-10 was not released.
// Choices of this project: 128 planes; whitening, optimiser and batches as in the preset `cifar10`; 375 epochs.
//
// This is for GPUs or patience. Smaller batches take less memory: batch: { real: 16, generated: 16, generator: 32 }.
import { imageFolder } from '@lapyra/dataset-image-folder';
import { dense, refine } from '@lapyra/level-adversarial';
import { boxBilinear } from '@lapyra/transform-laplacian';
import { defineConfig } from 'lapyra';

const steps = 375 * 1563; // epochs of 100 000 images

export default defineConfig({
  name: 'stl10',
  data: { from: imageFolder({ folder: 'images', size: 96 }), flip: true, whitening: 'pixel' },
  transform: boxBilinear(),
  levels: [
    {
      size: 8,
      steps,
      model: dense({
        generator: { hidden: [1000, 1000] },
        discriminator: { hidden: [1000, 1000] },
      }),
    },
    { size: 16, steps, model: refine({ width: 128 }) },
    { size: 32, steps, model: refine({ width: 128 }) },
    { size: 64, steps, model: refine({ width: 128 }) },
    { size: 96, steps, model: refine({ width: 128 }) },
  ],
});
