import { onnxruntimeCpu, onnxruntimeWeb } from '@lapyra/backend-onnxruntime';
import { engineConformance } from '@lapyra/testing';

await engineConformance(() => onnxruntimeCpu.plugin.create({}, undefined));
await engineConformance(() => onnxruntimeWeb.plugin.create({}, undefined));
