import { findBackendFactory, registerBackend } from '@tensorflow/tfjs-core';
import type { InferenceSession } from 'onnxruntime-common';
import { registerGradients } from '../gradients/register-gradients.js';
import type { OrtModule } from '../ort-module.js';
import { TfjsOnnxError } from '../tfjs-onnx-error.js';
import { registerRecordingKernels } from '../tracer/register-kernels.js';
import { LazyBackend } from './lazy-backend.js';
import { ProgramCache } from './program-cache.js';
import { runsInOrder } from './runs-in-order.js';
import { SessionRunner } from './session-runner.js';

/** How the backend computes, and how much it keeps. */
export interface OnnxRuntimeBackendOptions {
  /** Name under which tfjs knows the backend. Default `"onnxruntime"`. */
  readonly name?: string;
  /** The imported runtime. Default: `onnxruntime-node`, which is loaded when tfjs starts the backend. */
  readonly ort?: OrtModule;
  /** Merged over `DEFAULT_SESSION_OPTIONS`; graphs of little work get one thread unless `intraOpNumThreads` says otherwise. */
  readonly sessionOptions?: InferenceSession.SessionOptions;
  /** How many compiled graphs are kept; the one that was used longest ago is released first. Default 64. */
  readonly cacheSize?: number;
  /** When this many operations wait and nothing was read, they are computed as soon as the running synchronous code ends. Default 500. */
  readonly flushAfter?: number;
  /** Operations beyond this number are refused while so many wait. Default 100 000. */
  readonly maxPending?: number;
}

/**
 * Make ONNX Runtime a backend of tfjs: then `await tf.setBackend('onnxruntime')`.
 *
 * Operations are recorded, and computed together when a value is read with `data()`; a graph is compiled once per structure. Also registers
 * the gradients of `@lapyra/tfjs-onnx/gradients`, **for the whole process**: all backends use them from then on.
 *
 * @throws {TfjsOnnxError} `TFJS_ONNX_BAD_INPUT` if the name is taken or a number is not a whole one of at least 1
 */
export function registerOnnxRuntimeBackend(options: OnnxRuntimeBackendOptions = {}): void {
  const { name = 'onnxruntime', sessionOptions = {} } = options;
  const cacheSize = whole('cacheSize', options.cacheSize ?? 64);
  const limits = {
    flushAfter: whole('flushAfter', options.flushAfter ?? 500),
    maxPending: whole('maxPending', options.maxPending ?? 100_000),
  };
  // tfjs gives null for names it does not know, which its types leave out.
  const taken: unknown = findBackendFactory(name);
  if (taken != null) {
    throw new TfjsOnnxError(
      'TFJS_ONNX_BAD_INPUT',
      `registerOnnxRuntimeBackend: expected a new name, got "${name}", which is registered already.`,
      { hint: `Call tf.removeBackend('${name}') before, or give another name.` },
    );
  }
  registerGradients();
  registerRecordingKernels(name);
  registerBackend(name, async () => {
    const ort = options.ort ?? (await loadOrt());
    const cache = new ProgramCache(ort, sessionOptions, cacheSize);
    const runner = new SessionRunner(ort);
    runner.chained = await runsInOrder(cache, runner);
    return new LazyBackend({ cache, runner }, limits);
  });
}

async function loadOrt(): Promise<OrtModule> {
  const id = 'onnxruntime-node'; // A variable, so that bundlers leave the import alone.
  try {
    // CommonJS modules may hand over everything as their default.
    const loaded = (await import(/* @vite-ignore */ id)) as OrtModule & {
      readonly default?: OrtModule;
    };
    return 'InferenceSession' in loaded ? loaded : (loaded as { default: OrtModule }).default;
  } catch (cause) {
    throw new TfjsOnnxError(
      'TFJS_ONNX_RUNTIME',
      `onnxruntime-node: expected it to be installed, got: ${cause instanceof Error ? cause.message : String(cause)}`,
      {
        hint: 'Run "npm install onnxruntime-node", or pass another runtime as the option "ort".',
        cause,
      },
    );
  }
}

function whole(option: string, value: number): number {
  if (Number.isInteger(value) && value >= 1) return value;
  throw new TfjsOnnxError(
    'TFJS_ONNX_BAD_INPUT',
    `registerOnnxRuntimeBackend: expected a whole number of at least 1 as ${option}, got ${value}.`,
  );
}
