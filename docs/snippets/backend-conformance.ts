import { onnxruntimeCpu } from '@lapyra/backend-onnxruntime';
import { engineConformance } from '@lapyra/testing';

await engineConformance(() => onnxruntimeCpu.plugin.create({}, undefined));
