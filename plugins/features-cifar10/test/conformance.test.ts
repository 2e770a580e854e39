import { onnxruntimeCpu } from '@lapyra/backend-onnxruntime';
import * as features from '@lapyra/features-cifar10';
import { featuresConformance, pluginConformance } from '@lapyra/testing';
import '@lapyra/nn'; // registers the gradients

const backend = await onnxruntimeCpu.plugin.create({}, undefined);

pluginConformance({
  manifest: new URL('../package.json', import.meta.url),
  exports: features,
});

featuresConformance({
  name: 'cifar10Features',
  create: () => features.cifar10Features.plugin.create({}, undefined),
  engine: () => backend.open({ threads: 1 }),
});
