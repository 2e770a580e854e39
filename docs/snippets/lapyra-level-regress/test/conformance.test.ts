import { onnxruntimeCpu } from '@lapyra/backend-onnxruntime';
import { levelConformance } from '@lapyra/testing';
import { boxBilinear } from '@lapyra/transform-laplacian';
import { regress } from '../src/index.js';

const backend = await onnxruntimeCpu.plugin.create({}, undefined);

await levelConformance({
  name: 'regress, 8 to 14',
  create: () =>
    regress.plugin.create(
      { width: 6, rate: 1e-3 },
      {
        size: [14, 14],
        coarse: [8, 8],
        channels: 3,
        condition: { kind: 'none' },
        transform: 'box-bilinear',
        pixels: { mean: [127.5, 127.5, 127.5], scale: [64, 64, 64], exact: false },
      },
    ),
  engine: () => backend.open({ threads: 1 }),
  transform: await boxBilinear.plugin.create({}, undefined),
  sizes: [
    [8, 8],
    [14, 14],
    [28, 28],
  ],
  index: 1,
  lowers: ['error'],
});
