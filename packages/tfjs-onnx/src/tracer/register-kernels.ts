import * as tf from '@tensorflow/tfjs-core';
import type { TensorType, Value } from '../graph/graph.js';
import { findKernel } from '../lowerings/registry.js';
import { UNSUPPORTED_KERNELS } from '../lowerings/unsupported-kernels.js';
import { TfjsOnnxError } from '../tfjs-onnx-error.js';
import { currentOp, TRACE_BACKEND, type TraceBackend } from './trace-backend.js';

/** Register a recording function for every kernel of tfjs; those without a lowering refuse by name. Does nothing the second time. */
export function registerTraceKernels(): void {
  if (tf.getKernel(tf.Identity, TRACE_BACKEND) !== undefined) return;
  for (const kernelName of kernelNames()) {
    tf.registerKernel({
      kernelName,
      backendName: TRACE_BACKEND,
      kernelFunc: ({ inputs, attrs, backend }) =>
        recordKernel(kernelName, inputs, attrs ?? {}, backend as TraceBackend) as tf.TensorInfo[],
    });
  }
}

function recordKernel(
  kernelName: string,
  tensors: tf.NamedTensorInfoMap,
  attrs: Readonly<Record<string, unknown>>,
  backend: TraceBackend,
): tf.TensorInfo | tf.TensorInfo[] {
  const op = currentOp();
  const kernel = findKernel(kernelName);
  if (kernel === undefined) {
    const reason = UNSUPPORTED_KERNELS[kernelName];
    throw new TfjsOnnxError(
      'TFJS_ONNX_UNSUPPORTED_KERNEL',
      `"${op || kernelName}": the kernel ${kernelName} has no translation to ONNX${reason === undefined ? '.' : `: ${reason}`}`,
      {
        hint: 'Write the function with other operations, or do this part outside of the compiled function.',
      },
    );
  }
  const inputs: Record<string, Value> = {};
  for (const [name, tensor] of Object.entries(tensors)) {
    if (tensor != null) inputs[name] = backend.lookUp(tensor, `"${op || kernelName}"`);
  }
  const inferred = kernel.infer({ kernel: kernelName, op, inputs, attrs });
  if (isList(inferred)) return backend.record(kernelName, inputs, attrs, inferred);
  const [tensor] = backend.record(kernelName, inputs, attrs, [inferred]);
  if (tensor === undefined) throw new Error('no tensor');
  return tensor;
}

function isList(types: TensorType | readonly TensorType[]): types is readonly TensorType[] {
  return Array.isArray(types);
}

/** tfjs exports one string constant per kernel, whose name is its value. */
function kernelNames(): string[] {
  return Object.entries(tf as unknown as Record<string, unknown>)
    .filter(([name, value]) => name === value)
    .map(([name]) => name);
}
