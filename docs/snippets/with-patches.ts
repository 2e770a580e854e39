import { cifar10 } from '@lapyra/dataset-cifar10';
import { dense } from '@lapyra/level-adversarial';
import { patches } from '@lapyra/level-patch';
import { boxBilinear } from '@lapyra/transform-laplacian';
import { defineConfig } from 'lapyra';

export default defineConfig({
  data: { from: cifar10(), crop: 28, whitening: 'channel' },
  transform: boxBilinear(),
  levels: [
    { size: 8, steps: 6800, model: dense() },
    { size: 14, steps: 1, model: patches() },
    { size: 28, steps: 1, model: patches({ neighbours: 1, step: 1, blend: 'average' }) },
  ],
});
