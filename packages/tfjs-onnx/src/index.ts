export { compile, DEFAULT_SESSION_OPTIONS } from './compile.js';
export type {
  BorderSpec,
  CompiledFunction,
  CompileOptions,
  Fetches,
  OrtModule,
} from './compile.js';
export { estimateCost } from './graph/estimate-cost.js';
export type { Cost } from './graph/estimate-cost.js';
export { simplify } from './graph/simplify.js';
export type { BorderDType, DType, Graph } from './graph/graph.js';
export type { HostTensor } from './host-tensor.js';
export { supportedKernels } from './lowerings/registry.js';
export type { InputSpec, InputSpecs, TensorFunction } from './tensor-function.js';
export { TfjsOnnxError } from './tfjs-onnx-error.js';
export type { TfjsOnnxErrorCode } from './tfjs-onnx-error.js';
export { toOnnx } from './to-onnx.js';
export type { OnnxFile, ToOnnxOptions } from './to-onnx.js';
export { trace } from './tracer/trace.js';
export type { TraceOptions } from './tracer/trace.js';
