import * as tf from '@tensorflow/tfjs-core';
import type { TensorType, Value } from '../graph/graph.js';
import { findKernel, supportedKernels } from '../lowerings/registry.js';
import { UNSUPPORTED_KERNELS } from '../lowerings/unsupported-kernels.js';
import { TfjsOnnxError } from '../tfjs-onnx-error.js';
import { currentOp, type Counted, type RecordingBackend } from './recording-backend.js';

/** Backends that record. */
const RECORDING = new Set<string>();

/**
 * Register a recording function for every kernel of tfjs and every lowering; kernels without a lowering refuse by name. Does nothing the
 * second time.
 */
export function registerRecordingKernels(backendName: string): void {
  if (RECORDING.has(backendName)) return;
  RECORDING.add(backendName);
  for (const kernelName of new Set([...kernelNames(), ...supportedKernels()]))
    record(kernelName, backendName);
}

/** Let a kernel that was added later be recorded too. */
export function recordOnAllBackends(kernelName: string): void {
  for (const backendName of RECORDING) record(kernelName, backendName);
}

function record(kernelName: string, backendName: string): void {
  if (tf.getKernel(kernelName, backendName) !== undefined) return;
  tf.registerKernel({
    kernelName,
    backendName,
    kernelFunc: ({ inputs, attrs, backend }) =>
      recordKernel(kernelName, inputs, attrs ?? {}, backend as RecordingBackend<Counted>),
  });
}

function recordKernel(
  kernelName: string,
  given: tf.NamedTensorInfoMap,
  givenAttrs: Readonly<Record<string, unknown>>,
  backend: RecordingBackend<Counted>,
): tf.TensorInfo | tf.TensorInfo[] {
  const op = currentOp();
  const kernel = findKernel(kernelName);
  if (kernel === undefined) {
    const reason = UNSUPPORTED_KERNELS[kernelName];
    throw new TfjsOnnxError(
      'TFJS_ONNX_UNSUPPORTED_KERNEL',
      `"${op || kernelName}": the kernel ${kernelName} has no translation to ONNX${reason === undefined ? '.' : `: ${reason}`}`,
      { hint: backend.wayOut },
    );
  }
  const tensors = Object.fromEntries(
    Object.entries(given).filter(([, tensor]) => tensor != null),
  ) as Record<string, tf.TensorInfo>;
  const answer = backend.answer(kernelName, tensors, givenAttrs);
  if (answer !== null) return answer;
  const values: Record<string, Value> = {};
  for (const [name, tensor] of Object.entries(tensors))
    values[name] = backend.lookUp(tensor, `"${op || kernelName}"`);
  const { inputs, attrs } = backend.prepare(kernelName, values, givenAttrs);
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
