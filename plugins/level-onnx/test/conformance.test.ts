import { onnxruntimeCpu } from '@lapyra/backend-onnxruntime';
import type { Engine } from '@lapyra/core';
import { generate, upscale } from '@lapyra/level-onnx';
import { levelConformance } from '@lapyra/testing';
import { boxBilinear } from '@lapyra/transform-laplacian';
import { makeLevel, placeAt } from './make-level.js';
import { onnxFile, repeating } from './onnx-file.js';

const engine = async (): Promise<Engine> =>
  (await onnxruntimeCpu.plugin.create({}, undefined)).open({ threads: 1 });
const transform = await boxBilinear.plugin.create({}, undefined);

await levelConformance({
  name: 'upscale by tiles, 7 to 14',
  create: () =>
    makeLevel(
      upscale,
      { file: 'net.onnx', ratio: 2, tile: 4, overlap: 2 },
      placeAt([7, 7], [14, 14]),
      repeating(2, ['n', 3, 'h', 'w'], null),
    ),
  engine,
  transform,
  sizes: [
    [7, 7],
    [14, 14],
  ],
  index: 1,
});

const shape = ['n', 3, 4, 4];
await levelConformance({
  name: 'generate at 4',
  create: () =>
    makeLevel(
      generate,
      { file: 'net.onnx', noise: { shape: [3, 4, 4] } },
      placeAt(null, [4, 4]),
      onnxFile({
        inputs: { z: shape },
        outputs: { image: shape },
        nodes: [{ op: 'Tanh', inputs: ['z'], output: 'image' }],
      }),
    ),
  engine,
  transform,
  sizes: [
    [4, 4],
    [8, 8],
  ],
  index: 0,
});
