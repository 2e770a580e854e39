// Tiny nets with each option that changes what is computed, compiled on ONNX Runtime and held against plain JavaScript.
import { onnxruntimeCpu } from '@lapyra/backend-onnxruntime';
import { tfjsCpu } from '@lapyra/backend-tfjs';
import type { ConditionSpec, Engine, Plugin, Size } from '@lapyra/core';
import * as conditional from '@lapyra/level-text-conditional';
import { levelConformance, makeLevel, placeAt, pluginConformance } from '@lapyra/testing';
import { boxBilinear } from '@lapyra/transform-laplacian';

const { textFirst, textRefine } = conditional;

pluginConformance({
  manifest: new URL('../package.json', import.meta.url),
  exports: conditional,
});

const compiled = async (): Promise<Engine> =>
  (await onnxruntimeCpu.plugin.create({}, undefined)).open({ threads: 1 });
const eager = async (): Promise<Engine> => (await tfjsCpu.plugin.create({}, undefined)).open();
const transform = await boxBilinear.plugin.create({}, undefined);

const condition: ConditionSpec = { kind: 'embedding', width: 6 };

interface Case<Input> {
  readonly name: string;
  readonly options: Input;
  readonly sizes: readonly Size[];
  readonly index: number;
  readonly channels?: number;
  readonly lowers?: readonly string[];
}

async function conforms<Input, Output>(
  plugin: Plugin<'level', Input, Output>,
  { name, options, sizes, index, channels = 3, lowers = [] }: Case<Input>,
): Promise<void> {
  await levelConformance({
    name,
    create: () => makeLevel(plugin, options, placeAt(sizes, index, { channels, condition })),
    engine: compiled,
    oracle: eager,
    transform,
    sizes,
    index,
    lowers,
  });
}

const batch = { real: 3, generated: 3, generator: 4 };
const thin = { textUnits: 5, generator: { width: 2 }, discriminator: { width: 3 } };

await conforms(textFirst, {
  name: 'textFirst as in the paper, 8×8',
  options: { noise: 5, batch, ...thin },
  sizes: [[8, 8]],
  index: 0,
});

await conforms(textFirst, {
  name: 'textFirst with a style encoder, GAN-CLS alone, dropout, an average and least squares, in two parts a step; 6×7 below 12×14, grey',
  options: {
    noise: { design: 'vector', length: 4, distribution: 'normal', gain: 1 },
    batch: { real: 4, generated: 6, generator: 4 },
    microBatches: 2,
    ...thin,
    generator: { width: 2, batchNorm: false },
    discriminator: { width: 2, batchNorm: false, dropout: 0.3 },
    interpolation: null,
    style: { width: 2, from: 0.3, batch: 4, rate: 2e-3 },
    loss: 'least-squares',
    optimiser: { kind: 'adam', rate: 1e-3, decayFrom: 0.5, decayTo: 0.1 },
    average: 0.9,
  },
  sizes: [
    [6, 7],
    [12, 14],
  ],
  index: 0,
  channels: 1,
});

await conforms(textFirst, {
  name: 'textFirst of 4×4, GAN-INT alone, with augmentation',
  options: {
    noise: 3,
    batch,
    ...thin,
    wrongPairs: 0,
    optimiser: { kind: 'sgd' }, // as of textRefine, below
    interpolation: { count: 3, share: 0.3, weight: 0.5 },
    // Not translation and cutout: a NaN that was drawn for them would be rounded away.
    augmentation: {
      brightness: 0.2,
      saturation: 0.2,
      contrast: 0.2,
      translation: 0,
      cutout: 0,
    },
  },
  sizes: [[4, 4]],
  index: 0,
});

await conforms(textRefine, {
  name: 'textRefine with SGD, 8 to 14',
  // Batch norm takes away what a text adds to all images alike; Adam would blow up what rounding leaves of that gradient.
  options: {
    batch,
    ...thin,
    generator: { width: 3, kernels: [3, 3, 3] },
    optimiser: { kind: 'sgd' },
  },
  sizes: [
    [8, 8],
    [14, 14],
  ],
  index: 1,
});

await conforms(textRefine, {
  name: 'textRefine with learned noise, pixel loss and an average, without batch norm; 4×5 to 6×8, grey',
  options: {
    noise: { design: 'low-rank', rank: 3, planes: 2, gain: 0.5 },
    batch: { real: 3, generated: 5, generator: 4 },
    textUnits: 4,
    generator: { width: 4, kernels: [3, 3], batchNorm: false },
    discriminator: { width: 3, batchNorm: false },
    interpolation: null,
    average: 0.8,
    pixelLoss: 30,
  },
  sizes: [
    [4, 5],
    [6, 8],
  ],
  index: 1,
  channels: 1,
  lowers: ['pixel'],
});
