import { onnxruntimeWebgpu } from '@lapyra/backend-onnxruntime';
import { engineConformance } from '@lapyra/testing';

await engineConformance(() => onnxruntimeWebgpu.plugin.create({}, undefined));
