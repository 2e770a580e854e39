export { onnxruntimeCpu } from './onnxruntime-cpu.js';
export type { NoOptions } from './onnxruntime-cpu.js';
export { onnxruntimeCoreml, onnxruntimeCuda, onnxruntimeDirectml } from './onnxruntime-vendor.js';
export { onnxruntimeWebgpu } from './onnxruntime-webgpu.js';
export { onnxruntimeWeb } from './onnxruntime-web.js';
