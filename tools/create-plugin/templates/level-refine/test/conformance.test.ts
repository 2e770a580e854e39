// Tiny networks, trained for a few steps on ONNX Runtime.
import { onnxruntimeCpu } from '@lapyra/backend-onnxruntime';
import type { Size } from '@lapyra/core';
import {
  drawnImages,
  expectRefusal,
  levelConformance,
  makeLevel,
  placeAt,
  pluginConformance,
} from '@lapyra/testing';
import { boxBilinear } from '@lapyra/transform-laplacian';
import { it } from 'vitest';
import * as exported from '../src/index.js';

const { myPlugin } = exported;
const backend = await onnxruntimeCpu.plugin.create({}, undefined);
const transform = await boxBilinear.plugin.create({}, undefined);

pluginConformance({ manifest: new URL('../package.json', import.meta.url), exports: exported });

const pyramids: readonly { readonly sizes: readonly Size[]; readonly channels: number }[] = [
  {
    sizes: [
      [4, 4],
      [8, 8],
    ],
    channels: 3,
  },
  {
    sizes: [
      [4, 5],
      [6, 8],
    ],
    channels: 1,
  },
];
for (const { sizes, channels } of pyramids)
  await levelConformance({
    name: `myPlugin, ${sizes[1]!.join('×')}, ${channels} channels`,
    create: () => makeLevel(myPlugin, { width: 5, batch: 4 }, placeAt(sizes, 1, { channels })),
    engine: () => backend.open({ threads: 1 }),
    transform,
    sizes,
    index: 1,
    images: drawnImages(),
    lowers: ['pixel'],
  });

it('is refused as the first level', async () => {
  const made = makeLevel(myPlugin, {}, placeAt([[8, 8]], 0));
  await expectRefusal(made, 'LAPYRA_LEVEL_PLACE', 'expected a level below');
});
