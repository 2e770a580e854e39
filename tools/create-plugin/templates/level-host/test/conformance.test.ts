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

pluginConformance({ manifest: new URL('../package.json', import.meta.url), exports: exported });

const sizes: readonly Size[] = [
  [4, 5],
  [6, 8],
];
for (const channels of [1, 3])
  await levelConformance({
    name: `myPlugin, 6×8, ${channels} channels`,
    create: () => makeLevel(myPlugin, { radius: 1, images: 100 }, placeAt(sizes, 1, { channels })),
    engine: () => backend.open({ threads: 1 }),
    transform: await boxBilinear.plugin.create({}, undefined),
    sizes,
    index: 1,
    images: drawnImages(),
  });

it('is refused as the first level', async () => {
  const made = makeLevel(myPlugin, {}, placeAt(sizes, 0));
  await expectRefusal(made, 'LAPYRA_LEVEL_PLACE', 'expected a level below');
});
