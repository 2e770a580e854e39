// Tiny nets with each option that changes what is computed, compiled on ONNX Runtime and held against plain JavaScript.
import { onnxruntimeCpu } from '@lapyra/backend-onnxruntime';
import { tfjsCpu } from '@lapyra/backend-tfjs';
import type { ConditionSpec, Engine, Plugin, Size } from '@lapyra/core';
import * as conditional from '@lapyra/level-class-conditional';
import { levelConformance, makeLevel, placeAt, pluginConformance } from '@lapyra/testing';
import { boxBilinear } from '@lapyra/transform-laplacian';

const { classDense, classRefine } = conditional;

pluginConformance({
  manifest: new URL('../package.json', import.meta.url),
  exports: conditional,
});

const compiled = async (): Promise<Engine> =>
  (await onnxruntimeCpu.plugin.create({}, undefined)).open({ threads: 1 });
const eager = async (): Promise<Engine> => (await tfjsCpu.plugin.create({}, undefined)).open();
const transform = await boxBilinear.plugin.create({}, undefined);

const ten: ConditionSpec = {
  kind: 'classes',
  names: Array.from({ length: 10 }, (_, at) => `class ${at}`),
};
const three: ConditionSpec = { kind: 'classes', names: ['one', 'two', 'three'] };

interface Case<Input> {
  readonly name: string;
  readonly options: Input;
  readonly sizes: readonly Size[];
  readonly index: number;
  readonly condition: ConditionSpec;
  readonly channels?: number;
  readonly lowers?: readonly string[];
}

async function conforms<Input, Output>(
  plugin: Plugin<'level', Input, Output>,
  { name, options, sizes, index, condition, channels = 3, lowers = [] }: Case<Input>,
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

const batch = { real: 4, generated: 4, generator: 6 };
const thin = { generator: { hidden: [12, 10] }, discriminator: { hidden: [9, 8] } };

await conforms(classDense, {
  name: 'classDense as in the paper',
  options: { noise: 5, batch, ...thin },
  sizes: [[4, 4]],
  index: 0,
  condition: ten,
});

await conforms(classDense, {
  name: 'classDense of three classes with wrong pairs, batch norm, Adam and an average; 4×6, grey',
  options: {
    noise: { design: 'vector', length: 5, distribution: 'normal', gain: 1 },
    batch: { real: 3, generated: 5, generator: 4 },
    generator: { hidden: [12, 10], batchNorm: true, activations: ['relu', 'sigmoid'] },
    discriminator: { hidden: [9], activation: 'leakyRelu', dropout: 0.3 },
    wrongPairs: 0.5,
    optimiser: { kind: 'adam', rate: 1e-3, decayFrom: 0.5, decayTo: 0.02 },
    average: 0.9,
  },
  sizes: [
    [4, 6],
    [8, 8],
  ],
  index: 0,
  condition: three,
  channels: 1,
});

await conforms(classRefine, {
  name: 'classRefine as in the paper, 8 to 14',
  options: { width: 4, batch: { real: 2, generated: 2, generator: 3 } },
  sizes: [
    [8, 8],
    [14, 14],
  ],
  index: 1,
  condition: ten,
});

await conforms(classRefine, {
  name: 'classRefine of three classes with learned noise, wrong pairs, Adam, pixel loss and an average; 4×5 to 6×8 below 12×16, grey',
  options: {
    width: 5,
    noise: { design: 'low-rank', rank: 3, planes: 2, gain: 0.5 },
    batch: { real: 3, generated: 5, generator: 4 },
    generator: { kernels: [3, 3], batchNorm: true },
    discriminator: {
      layers: [{ kernel: 4, stride: 2, padding: 1, planes: 4 }],
      activation: 'leakyRelu',
      dropout: 0.25,
    },
    wrongPairs: 0.4,
    optimiser: { kind: 'adam', rate: 2e-3 },
    average: 0.8,
    pixelLoss: 30,
  },
  sizes: [
    [4, 5],
    [6, 8],
    [12, 16],
  ],
  index: 1,
  condition: three,
  channels: 1,
  lowers: ['pixel'],
});

await conforms(classRefine, {
  name: 'classRefine without noise, with the least squares loss',
  options: {
    width: 4,
    noise: { design: 'none' },
    batch,
    generator: { kernels: [3, 3] },
    discriminator: { layers: [{ kernel: 3 }], dropout: 0 },
    loss: 'least-squares',
    pixelLoss: 5,
  },
  sizes: [
    [3, 3],
    [6, 6],
  ],
  index: 1,
  condition: three,
  lowers: ['pixel'],
});
