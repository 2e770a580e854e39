import { onnxruntimeCpu } from '@lapyra/backend-onnxruntime';
import { featuresConformance, pluginConformance } from '@lapyra/testing';
import * as exported from '../src/index.js';

const { myPlugin } = exported;
const backend = await onnxruntimeCpu.plugin.create({}, undefined);

pluginConformance({ manifest: new URL('../package.json', import.meta.url), exports: exported });

for (const channels of [1, 3])
  featuresConformance({
    name: `myPlugin, ${channels} channels`,
    create: () => myPlugin.plugin.create({ width: 4, channels }, undefined),
    engine: () => backend.open({ threads: 1 }),
  });
