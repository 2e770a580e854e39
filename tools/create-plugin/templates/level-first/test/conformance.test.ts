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

const places: readonly { readonly size: Size; readonly channels: number }[] = [
  { size: [4, 4], channels: 3 },
  { size: [4, 5], channels: 1 },
];
for (const { size, channels } of places) {
  const sizes = [size];
  await levelConformance({
    name: `myPlugin, ${size.join('×')}, ${channels} channels`,
    create: () =>
      makeLevel(myPlugin, { noise: 6, width: 12, batch: 4 }, placeAt(sizes, 0, { channels })),
    engine: () => backend.open({ threads: 1 }),
    transform,
    sizes,
    index: 0,
    images: drawnImages(),
  });
}

it('is refused above another level', async () => {
  const place = placeAt(
    [
      [4, 4],
      [8, 8],
    ],
    1,
  );
  await expectRefusal(
    makeLevel(myPlugin, {}, place),
    'LAPYRA_LEVEL_PLACE',
    'expected the first place',
  );
});
