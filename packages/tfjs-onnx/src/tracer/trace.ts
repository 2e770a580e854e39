import {
  engine,
  registerBackend,
  removeBackend,
  setBackend,
  Tensor,
  tidy,
} from '@tensorflow/tfjs-core';
import type { CapturedTensors } from '../captured-tensors.js';
import type { Border, BorderDType, Graph } from '../graph/graph.js';
import { prune } from '../graph/prune.js';
import type { InputSpec, InputSpecs, TensorFunction } from '../tensor-function.js';
import { TfjsOnnxError } from '../tfjs-onnx-error.js';
import { refuseHiddenRandomness } from './hidden-randomness.js';
import { registerRecordingKernels } from './register-kernels.js';
import { TRACE_BACKEND, TraceBackend } from './trace-backend.js';

/** What to trace with. */
export interface TraceOptions {
  /** Fixed shapes; a `null` size is refused here. */
  readonly inputs: InputSpecs;
  /** Element types that outputs are cast to at the border; the function's own type where a name is absent. */
  readonly outputTypes?: Readonly<Record<string, BorderDType>>;
  /** Values of tensors that the function uses without getting them, by `captureTensors`; they become constants. */
  readonly captured?: CapturedTensors;
}

/**
 * Record the kernels that a function runs, without computing anything.
 *
 * The trace is synchronous, leaves tfjs's backend and its count of tensors as they were, and runs the function twice to find
 * randomness that would be frozen into the graph.
 *
 * @returns the graph without dead code, in execution order
 * @throws {TfjsOnnxError} naming the operation that cannot be traced
 */
export function trace(fn: TensorFunction, options: TraceOptions): Graph {
  const first = traceAgain(fn, options);
  refuseHiddenRandomness(first, traceAgain(fn, options));
  return first;
}

/** Trace a function that was already found to be free of hidden randomness. */
export function traceAgain(fn: TensorFunction, options: TraceOptions): Graph {
  const tfjs = engine();
  if (tfjs.backendName === TRACE_BACKEND) {
    throw new TfjsOnnxError(
      'TFJS_ONNX_NESTED_TRACE',
      'trace: expected no trace to be running, got one inside another.',
      {
        hint: 'Compile the inner function before, or call it directly: its operations join the outer graph.',
      },
    );
  }
  if ((tfjs as unknown as PendingBackend).pendingBackendInit != null) {
    // Setting another backend now would make tfjs forget the one that starts.
    throw new TfjsOnnxError(
      'TFJS_ONNX_BAD_INPUT',
      'trace: expected a tfjs backend that is ready or none, got one that is still starting.',
      { hint: 'await tf.ready() before.' },
    );
  }
  const { backendName } = tfjs;
  const { numTensors, numDataBuffers, numBytes, numStringTensors } = tfjs.state;
  const variables = new Set(Object.keys(tfjs.registeredVariables));
  const backend = new TraceBackend(options.captured);

  registerRecordingKernels(TRACE_BACKEND);
  registerBackend(TRACE_BACKEND, () => backend, -1);
  void setBackend(TRACE_BACKEND); // The factory is synchronous, so the backend is set when this returns.
  try {
    const graphs: Graph[] = [];
    tidy(() => {
      graphs.push(run(fn, options, backend));
    });
    refuseLeftovers(backend, variables);
    return prune(only(graphs));
  } finally {
    for (const name of Object.keys(tfjs.registeredVariables)) {
      if (!variables.has(name)) delete tfjs.state.registeredVariables[name];
    }
    removeBackend(TRACE_BACKEND);
    if (backendName != null) void setBackend(backendName);
    // A gradient that throws keeps tensors alive; all of them belonged to the backend that is gone.
    Object.assign(tfjs.state, { numTensors, numDataBuffers, numBytes, numStringTensors });
  }
}

/** A field of tfjs's engine that its types hide. */
interface PendingBackend {
  readonly pendingBackendInit?: Promise<boolean> | null;
}

function run(
  fn: TensorFunction,
  { inputs, outputTypes }: TraceOptions,
  backend: TraceBackend,
): Graph {
  const tensors: Record<string, Tensor> = {};
  const inputBorders: Border[] = [];
  for (const [name, spec] of Object.entries(inputs)) {
    const dtype = spec.dtype === 'uint8' ? 'int32' : spec.dtype;
    const info = only(
      backend.record('Input', {}, { name }, [{ shape: fixedShape(name, spec), dtype }]),
    );
    tensors[name] = engine().makeTensorFromTensorInfo(info, backend);
    inputBorders.push({ name, value: backend.lookUp(info, 'trace'), dtype: spec.dtype });
  }
  const results: unknown = fn(tensors);
  if (backend.failure !== null) throw backend.failure;
  return {
    inputs: inputBorders,
    nodes: backend.nodes,
    outputs: outputBorders(results, outputTypes ?? {}, backend),
  };
}

function fixedShape(name: string, spec: InputSpec): number[] {
  return spec.shape.map((size, axis) => {
    if (size !== null && Number.isInteger(size) && size >= 0) return size;
    throw new TfjsOnnxError(
      'TFJS_ONNX_BAD_INPUT',
      `input "${name}": expected a whole number ≥ 0 as size of dimension ${axis}, got ${String(size)}.`,
      size === null ? { hint: 'Only the leading dimension may be null, and only in toOnnx.' } : {},
    );
  });
}

function outputBorders(
  results: unknown,
  outputTypes: Readonly<Record<string, BorderDType>>,
  backend: TraceBackend,
): Border[] {
  if (results instanceof Promise) {
    results.catch(() => {});
    throw new TfjsOnnxError(
      'TFJS_ONNX_ASYNC_FUNCTION',
      'trace: expected a synchronous function, got a promise.',
      {
        hint: 'Load everything before, and pass it as inputs.',
      },
    );
  }
  if (typeof results !== 'object' || results === null || results instanceof Tensor) {
    throw new TfjsOnnxError(
      'TFJS_ONNX_BAD_OUTPUT',
      'trace: expected the function to return a record of named tensors.',
    );
  }
  for (const name of Object.keys(outputTypes)) {
    if (name in results) continue;
    throw new TfjsOnnxError(
      'TFJS_ONNX_BAD_OUTPUT',
      `output "${name}": a type was asked for, but the function returned none.`,
    );
  }
  return Object.entries(results).map(([name, tensor]: [string, unknown]) => {
    if (!(tensor instanceof Tensor)) {
      throw new TfjsOnnxError(
        'TFJS_ONNX_BAD_OUTPUT',
        `output "${name}": expected a tensor, got ${typeof tensor}.`,
      );
    }
    const value = backend.lookUp(tensor, `output "${name}"`);
    return { name, value, dtype: outputTypes[name] ?? value.dtype };
  });
}

function refuseLeftovers(backend: TraceBackend, variablesBefore: ReadonlySet<string>): void {
  for (const name of Object.keys(engine().registeredVariables)) {
    if (variablesBefore.has(name)) continue;
    throw new TfjsOnnxError(
      'TFJS_ONNX_VARIABLE',
      `"variable": the function makes the variable "${name}".`,
      {
        hint: 'Pass state as named inputs and return its new value as named outputs.',
      },
    );
  }
  const left = backend.numDataIds();
  if (left === 0) return;
  throw new TfjsOnnxError(
    'TFJS_ONNX_ESCAPED_TENSOR',
    `trace: expected no tensor to outlive the function, got ${left}.`,
    {
      hint: 'Do not call tf.keep; return what is needed as outputs.',
    },
  );
}

function only<T>(list: readonly T[]): T {
  const [value] = list;
  if (value === undefined || list.length !== 1) throw new Error(`expected one, got ${list.length}`);
  return value;
}
