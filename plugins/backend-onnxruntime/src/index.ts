export { onnxruntimeCpu } from './onnxruntime-cpu.js';
export type { NoOptions } from './onnxruntime-cpu.js';
export { onnxruntimeWeb } from './onnxruntime-web.js';
