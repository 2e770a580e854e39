// Tiny nets, first and refining, compiled on ONNX Runtime and held against plain JavaScript.
import { onnxruntimeCpu } from '@lapyra/backend-onnxruntime';
import { tfjsCpu } from '@lapyra/backend-tfjs';
import type { ConditionSpec, Engine, Size } from '@lapyra/core';
import type { DiffusionInput } from '@lapyra/level-diffusion';
import { levelConformance, pluginConformance } from '@lapyra/testing';
import { boxBilinear } from '@lapyra/transform-laplacian';
import { makeLevel, placeAt } from './make-level.js';
import * as exported from '@lapyra/level-diffusion';

pluginConformance({
  manifest: new URL('../package.json', import.meta.url),
  exports: exported,
});

const compiled = async (): Promise<Engine> =>
  (await onnxruntimeCpu.plugin.create({}, undefined)).open({ threads: 1 });
const eager = async (): Promise<Engine> => (await tfjsCpu.plugin.create({}, undefined)).open();
const transform = await boxBilinear.plugin.create({}, undefined);
const tiny = { width: 4, steps: 3, batch: 8, optimiser: { rate: 0.005 } };

async function conforms(
  name: string,
  options: DiffusionInput,
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
    lowers: ['error'],
    steps: 150,
  });
}

await conforms('first level that halves', { ...tiny, average: 0 }, [[4, 4]], 0, 3);

await conforms(
  'first level of odd sides with classes; grey',
  { ...tiny, blocks: 2, average: 0.9 },
  [
    [3, 5],
    [6, 10],
  ],
  0,
  1,
  { kind: 'classes', names: ['a', 'b', 'c'] },
);

await conforms(
  'refining level, 3 to 6, with an embedding',
  tiny,
  [
    [3, 3],
    [6, 6],
  ],
  1,
  3,
  { kind: 'embedding', width: 3 },
);
