// Starts the lazy backend on a runtime whose calls are counted.
import * as tf from '@tensorflow/tfjs-core';
import * as ort from 'onnxruntime-node';
import {
  registerOnnxRuntimeBackend,
  type OnnxRuntimeBackendOptions,
  type OnnxRuntimeMemory,
  type OrtModule,
} from '@lapyra/tfjs-onnx';

/** What the runtime was asked for, not counting the probe of its blocked kernels. */
export interface Calls {
  compiled: number;
  released: number;
  runs: number;
  /** Graphs with a node of this operator are refused. */
  refusedOp: string | null;
  /** The next runs fail with this, as many as `failures` says. */
  failRun: string | null;
  failures: number;
}

type Create = (
  bytes: Uint8Array,
  options: ort.InferenceSession.SessionOptions,
) => Promise<ort.InferenceSession>;

type Run = (
  feeds: ort.InferenceSession.FeedsType,
  fetches: ort.InferenceSession.NullableOnnxValueMapType,
) => Promise<ort.InferenceSession.ReturnType>;

/** onnxruntime-node, observed. */
function observedOrt(chained: boolean): { readonly module: OrtModule; readonly calls: Calls } {
  const calls: Calls = {
    compiled: 0,
    released: 0,
    runs: 0,
    refusedOp: null,
    failures: Infinity,
    failRun: null,
  };
  const create: Create = async (bytes, options) => {
    const probe = options.graphOptimizationLevel === undefined;
    if (calls.refusedOp !== null && Buffer.from(bytes).includes(calls.refusedOp))
      throw new Error(`no ${calls.refusedOp} here`);
    const session = await ort.InferenceSession.create(bytes, options);
    if (probe) return session;
    calls.compiled += 1;
    const run = session.run.bind(session);
    const release = session.release.bind(session);
    session.run = ((feeds, fetches) => {
      calls.runs += 1;
      if (calls.failRun !== null && calls.failures-- > 0)
        return Promise.reject(new Error(calls.failRun));
      return chained ? run(feeds, fetches) : run(feeds, Object.keys(fetches));
    }) as Run as typeof session.run;
    session.release = () => {
      calls.released += 1;
      return release();
    };
    return session;
  };
  // Only the form of `create` that takes bytes is used.
  const InferenceSession = { create } as unknown as OrtModule['InferenceSession'];
  return { module: { Tensor: ort.Tensor, InferenceSession }, calls };
}

/**
 * Make a fresh lazy backend the one that tfjs uses.
 *
 * @param options.chained false hides from it that the runtime writes into arrays that it is given
 */
export async function startLazyBackend({
  chained = true,
  ...options
}: OnnxRuntimeBackendOptions & { readonly chained?: boolean } = {}): Promise<Calls> {
  const { module, calls } = observedOrt(chained);
  if (tf.findBackendFactory('onnxruntime') != null) tf.removeBackend('onnxruntime');
  registerOnnxRuntimeBackend({ ort: module, ...options });
  await tf.setBackend('onnxruntime');
  Object.assign(calls, { compiled: 0, released: 0, runs: 0 }); // the start tries the runtime out
  return calls;
}

/** What the backend says of itself. */
export function lazyMemory(): tf.MemoryInfo & OnnxRuntimeMemory {
  return tf.memory() as ReturnType<typeof lazyMemory>; // tfjs's type knows no fields of backends
}
