// Tiny nets, first and refining, compiled on ONNX Runtime and held against plain JavaScript.
import { onnxruntimeCpu } from '@lapyra/backend-onnxruntime';
import { tfjsCpu } from '@lapyra/backend-tfjs';
import type { ConditionSpec, Engine, Size } from '@lapyra/core';
import type { AutoregressiveInput } from '@lapyra/level-autoregressive';
import { levelConformance, pluginConformance } from '@lapyra/testing';
import { boxBilinear } from '@lapyra/transform-laplacian';
import { memory } from '@tensorflow/tfjs-core';
import { makeLevel, placeAt } from './make-level.js';
import * as exported from '@lapyra/level-autoregressive';

pluginConformance({
  manifest: new URL('../package.json', import.meta.url),
  exports: exported,
});

const compiled = async (): Promise<Engine> =>
  (await onnxruntimeCpu.plugin.create({}, undefined)).open({ threads: 1 });
const eager = async (): Promise<Engine> => (await tfjsCpu.plugin.create({}, undefined)).open();
const transform = await boxBilinear.plugin.create({}, undefined);
const tiny = { width: 4, blocks: 2, components: 2, batch: 3 };

async function conforms(
  name: string,
  options: AutoregressiveInput,
  sizes: readonly Size[],
  index: number,
  channels: number,
  condition?: ConditionSpec,
): Promise<void> {
  await levelConformance({
    name,
    create: () => makeLevel(options, placeAt(sizes, index, channels, condition)),
    engine: compiled,
    oracle: eager,
    transform,
    sizes,
    index,
    lowers: ['bits'],
  });
}

await conforms('first level', { ...tiny, average: 0 }, [[4, 4]], 0, 3);

await conforms(
  'first level with classes and an average; 3×5 below 6×10, grey',
  { ...tiny, optimiser: { rate: 0.005, decayFrom: 0, decayTo: 0.1 }, average: 0.9 },
  [
    [3, 5],
    [6, 10],
  ],
  0,
  1,
  { kind: 'classes', names: ['a', 'b', 'c'] },
);

await conforms(
  'refining level, 3 to 5, with an embedding',
  { ...tiny, blocks: 1 },
  [
    [3, 3],
    [5, 5],
  ],
  1,
  3,
  { kind: 'embedding', width: 3 },
);

await levelConformance({
  name: 'run eagerly',
  create: () => makeLevel(tiny, placeAt([[3, 3]], 0, 3)),
  engine: eager,
  transform,
  sizes: [[3, 3]],
  index: 0,
  steps: 5,
  liveTensors: () => memory().numTensors,
});
