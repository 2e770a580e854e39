import { onnxruntimeWebgpu } from '@lapyra/backend-onnxruntime';
import { engineConformance, useSoftwareVulkan } from '@lapyra/testing';

useSoftwareVulkan();
await engineConformance(() => onnxruntimeWebgpu.plugin.create({}, undefined));
