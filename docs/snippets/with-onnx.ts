import { cifar10 } from '@lapyra/dataset-cifar10';
import { dense } from '@lapyra/level-adversarial';
import { upscale } from '@lapyra/level-onnx';
import { boxBilinear } from '@lapyra/transform-laplacian';
import { defineConfig } from 'lapyra';

export default defineConfig({
  data: { from: cifar10(), crop: 28, whitening: 'channel' },
  transform: boxBilinear(),
  levels: [
    { size: 14, steps: 6800, model: dense() },
    { size: 28, steps: 1, model: upscale({ file: 'models/super-resolution.onnx', ratio: 2 }) },
  ],
});
