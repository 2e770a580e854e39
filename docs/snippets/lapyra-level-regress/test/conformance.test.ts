import { onnxruntimeCpu } from '@lapyra/backend-onnxruntime';
import { levelConformance, makeLevel, placeAt, pluginConformance } from '@lapyra/testing';
import { boxBilinear } from '@lapyra/transform-laplacian';
import * as exported from '../src/index.js';

const { regress } = exported;
const backend = await onnxruntimeCpu.plugin.create({}, undefined);
const sizes = [
  [8, 8],
  [14, 14],
  [28, 28],
] as const;

pluginConformance({ manifest: new URL('../package.json', import.meta.url), exports: exported });

await levelConformance({
  name: 'regress, 8 to 14',
  create: () => makeLevel(regress, { width: 6 }, placeAt(sizes, 1)),
  engine: () => backend.open({ threads: 1 }),
  transform: await boxBilinear.plugin.create({}, undefined),
  sizes,
  index: 1,
  lowers: ['error'],
});
