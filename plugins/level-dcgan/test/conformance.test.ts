// Small nets with each option that changes what is computed, compiled on ONNX Runtime and held against plain JavaScript.
import { onnxruntimeCpu } from '@lapyra/backend-onnxruntime';
import { tfjsCpu } from '@lapyra/backend-tfjs';
import type { Engine, LevelPlace, Size } from '@lapyra/core';
import * as exported from '@lapyra/level-dcgan';
import { levelConformance, makeLevel, placeAt, pluginConformance } from '@lapyra/testing';
import { boxBilinear } from '@lapyra/transform-laplacian';

const { dcgan } = exported;

pluginConformance({ manifest: new URL('../package.json', import.meta.url), exports: exported });

const compiled = async (): Promise<Engine> =>
  (await onnxruntimeCpu.plugin.create({}, undefined)).open({ threads: 1 });
const eager = async (): Promise<Engine> => (await tfjsCpu.plugin.create({}, undefined)).open();
const transform = await boxBilinear.plugin.create({}, undefined);

interface Case {
  readonly name: string;
  readonly options: exported.DcganInput;
  readonly size: Size;
  readonly place?: Partial<Pick<LevelPlace, 'channels' | 'condition' | 'pixels'>>;
}

const whitened = { mean: [120, 115, 110], scale: [60, 61, 62], exact: true };
const grey = { mean: [118], scale: [60], exact: true };
const batch = { real: 3, generated: 4, generator: 5 };

async function conforms({
  name,
  options,
  size,
  place = { pixels: whitened },
}: Case): Promise<void> {
  await levelConformance({
    name,
    create: () => makeLevel(dcgan, options, placeAt([size], 0, place)),
    engine: compiled,
    oracle: eager,
    transform,
    sizes: [size],
    index: 0,
  });
}

await conforms({
  name: 'dcgan as in the paper, 16 by two doublings',
  options: { noise: 6, width: 3, batch },
  size: [16, 16],
});

await conforms({
  name: 'dcgan with spectral norm, hinge, augmentation and an average; 8×12, grey',
  options: {
    noise: { design: 'vector', length: 5, distribution: 'normal', gain: 1 },
    width: 3,
    batch,
    generator: { batchNorm: false },
    discriminator: { norm: 'spectral', dropout: 0.25 },
    augmentation: {},
    loss: 'hinge',
    average: 0.9,
  },
  size: [8, 12],
  place: { channels: 1, pixels: grey },
});

await conforms({
  name: 'dcgan without doublings, told one of three classes, with wrong pairs; 4×5',
  options: {
    noise: 4,
    width: 4,
    batch,
    discriminator: { norm: 'batch' },
    generator: { output: 'linear' },
    augmentation: { cutout: 0, brightness: 0 },
    wrongPairs: 0.5,
    optimiser: { kind: 'sgd', rate: 0.01 },
  },
  size: [4, 5],
  place: { condition: { kind: 'classes', names: ['one', 'two', 'three'] } },
});

await conforms({
  name: 'dcgan told one of three classes with batch norm in passes apart; 14',
  options: { noise: 4, width: 2, batch, wrongPairs: 0.5, augmentation: {} },
  size: [14, 14],
  place: { pixels: whitened, condition: { kind: 'classes', names: ['one', 'two', 'three'] } },
});
