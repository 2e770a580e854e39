// Tiny nets, first and refining, compiled on ONNX Runtime and held against plain JavaScript.
import { onnxruntimeCpu } from '@lapyra/backend-onnxruntime';
import { tfjsCpu } from '@lapyra/backend-tfjs';
import type { ConditionSpec, Engine, Plugin, Size } from '@lapyra/core';
import { denoising, variational } from '@lapyra/level-autoencoder';
import { levelConformance, makeLevel, placeAt, pluginConformance } from '@lapyra/testing';
import { boxBilinear } from '@lapyra/transform-laplacian';
import * as exported from '@lapyra/level-autoencoder';

pluginConformance({
  manifest: new URL('../package.json', import.meta.url),
  exports: exported,
});

const compiled = async (): Promise<Engine> =>
  (await onnxruntimeCpu.plugin.create({}, undefined)).open({ threads: 1 });
const eager = async (): Promise<Engine> => (await tfjsCpu.plugin.create({}, undefined)).open();
const transform = await boxBilinear.plugin.create({}, undefined);
const small = { batch: 8, hidden: [12, 10], width: 5, layers: 3, optimiser: { rate: 0.005 } };

async function conforms<Input, Output>(
  name: string,
  plugin: Plugin<'level', Input, Output>,
  options: Input,
  sizes: readonly Size[],
  index: number,
  channels: number,
  lowers: readonly string[],
  condition?: ConditionSpec,
): Promise<void> {
  await levelConformance({
    name,
    create: () =>
      makeLevel(
        plugin,
        options,
        placeAt(sizes, index, { channels, ...(condition ? { condition } : {}) }),
      ),
    engine: compiled,
    oracle: eager,
    transform,
    sizes,
    index,
    lowers,
    steps: 60,
  });
}

const first = [[4, 4]] as const;
const wide = [
  [3, 5],
  [6, 10],
] as const;
const second = [
  [3, 3],
  [5, 5],
] as const;
const classes = { kind: 'classes', names: ['a', 'b', 'c'] } as const;
const embedding = { kind: 'embedding', width: 3 } as const;

await conforms(
  'variational, first level',
  variational,
  { ...small, latent: 4, average: 0 },
  first,
  0,
  3,
  ['bound', 'reconstruction'],
);

await conforms(
  'variational with grain and classes; grey',
  variational,
  { ...small, latent: 3, grain: true, beta: 0.5, average: 0.9 },
  wide,
  0,
  1,
  ['bound'],
  classes,
);

await conforms(
  'variational, refining, with an embedding',
  variational,
  { ...small, planes: 1, grain: true },
  second,
  1,
  3,
  ['bound'],
  embedding,
);

await conforms(
  'denoising, first level',
  denoising,
  { ...small, chain: 3, walkback: 2, average: 0 },
  first,
  0,
  3,
  ['nats'],
);

await conforms(
  'denoising with classes and without walkback; grey',
  denoising,
  { ...small, chain: 2, walkback: 1, corruption: 1 },
  wide,
  0,
  1,
  ['nats'],
  classes,
);

await conforms(
  'denoising, refining, with an embedding',
  denoising,
  { ...small, chain: 2, walkback: 2 },
  second,
  1,
  3,
  ['nats'],
  embedding,
);
