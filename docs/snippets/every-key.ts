// Every key that a config can have: docs/configuration.md lists each, and the compiler holds this file to the type.
import type {
  DataConfig,
  PyramidConfig,
  SwappedLevelConfig,
  TrainedLevelConfig,
} from '@lapyra/core';
import { cifar10 } from '@lapyra/dataset-cifar10';
import { dense, refine } from '@lapyra/level-adversarial';
import { boxBilinear } from '@lapyra/transform-laplacian';
import { defineConfig } from 'lapyra';

type TrainedLevel = Required<Omit<TrainedLevelConfig, 'from' | 'generatedCoarse'>> &
  Pick<TrainedLevelConfig, 'generatedCoarse'>;
type EveryKey = Required<Omit<PyramidConfig, 'data' | 'levels'>> & {
  readonly data: Required<DataConfig>;
  readonly levels: readonly (TrainedLevel | SwappedLevelConfig)[];
};

const config: EveryKey = {
  name: 'demo',
  seed: 1,
  condition: 'none',
  backend: 'auto',
  data: { from: cifar10(), crop: 28, flip: true, whitening: 'channel', validation: 5000 },
  transform: boxBilinear(),
  levels: [
    {
      size: 8,
      steps: 500,
      model: dense(),
      checkpointEvery: 50,
      scoreEvery: 100,
      scoreImages: 1000,
      nearest: { k: 16, images: 200 },
    },
    {
      size: [14, 14],
      steps: 500,
      model: refine({ width: 16 }),
      checkpointEvery: 50,
      scoreEvery: 100,
      scoreImages: 1000,
      nearest: { k: 16, images: 200 },
      generatedCoarse: { share: 0.5, images: 5000, from: 'demo' },
    },
    { from: 'runs/a/levels/28' },
  ],
};

export default defineConfig(config);
