import { onnxruntimeCpu } from '@lapyra/backend-onnxruntime';
import type { Engine } from '@lapyra/core';
import { levelConformance } from '@lapyra/testing';
import { boxBilinear } from '@lapyra/transform-laplacian';
import { makeLevel, placeAt } from './make-level.js';

const engine = async (): Promise<Engine> =>
  (await onnxruntimeCpu.plugin.create({}, undefined)).open({ threads: 1 });
const transform = await boxBilinear.plugin.create({}, undefined);

const small = { stored: 2000, effort: 100 };

await levelConformance({
  name: 'patches joined by seams, 8 to 14',
  create: () =>
    makeLevel(
      small,
      placeAt(
        [
          [8, 8],
          [14, 14],
        ],
        1,
        3,
      ),
    ),
  engine,
  transform,
  sizes: [
    [8, 8],
    [14, 14],
    [28, 28],
  ],
  index: 1,
});

await levelConformance({
  name: 'the nearest patches averaged, 4×5 to 8×10, grey',
  create: () =>
    makeLevel(
      { ...small, neighbours: 1, blend: 'average', patch: 3, step: 1, contrast: null },
      placeAt(
        [
          [4, 5],
          [8, 10],
        ],
        1,
        1,
      ),
    ),
  engine,
  transform,
  sizes: [
    [4, 5],
    [8, 10],
  ],
  index: 1,
});
