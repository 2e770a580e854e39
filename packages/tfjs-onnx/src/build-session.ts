import type { InferenceSession } from 'onnxruntime-common';
import type { Graph } from './graph/graph.js';
import { joinUpdates } from './graph/join-updates.js';
import type { Target } from './lowerings/lowering.js';
import { findBlock } from './onnx/blocked-convolution.js';
import { encodeModel, innerValues } from './onnx/encode-model.js';
import { hideSizes } from './onnx/hide-sizes.js';
import { lowerGraph, type LowerOptions } from './onnx/lower-graph.js';
import type { OrtModule } from './ort-module.js';
import { sessionError } from './runtime-error.js';

/**
 * Elements of the tensors whose updates are joined: an operation more takes a few microseconds on a processor, and 15 on a card,
 * where copying takes next to nothing.
 */
const MOST_JOINED: Readonly<Record<Target, number>> = { cpu: 4096, webgpu: 2 ** 20, portable: 0 };

/** What to build for. */
export interface BuildOptions {
  readonly ort: OrtModule;
  readonly sessionOptions: InferenceSession.SessionOptions;
  /** By the session options' execution providers if not given. */
  readonly target?: Target;
  /** Name stored in the graph. */
  readonly name: string;
  /** Inputs of the graph that are stored in it. */
  readonly constants?: LowerOptions['constants'];
  /** Whether the file names the shapes of all values, for people who look at it. Default `false`. */
  readonly shapes?: boolean;
  /** Text stored beside the graph. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/** A session of ONNX Runtime, and what it was made from. */
export interface BuiltSession {
  readonly session: InferenceSession;
  readonly bytes: Uint8Array;
  /** The names that the graph's outputs have in the session. */
  readonly outputNames: ReadonlyMap<string, string>;
}

/**
 * Translate a simplified graph and make a session of it.
 *
 * @throws {TfjsOnnxError} `TFJS_ONNX_RUNTIME` if ONNX Runtime refuses the graph, `TFJS_ONNX_PROVIDER` if an execution provider is
 * not there, `TFJS_ONNX_MEMORY`
 */
export async function buildSession(graph: Graph, options: BuildOptions): Promise<BuiltSession> {
  const { ort, sessionOptions, name, constants = {}, metadata } = options;
  const target = options.target ?? targetOf(sessionOptions);
  const block = target === 'cpu' ? await blockOf(ort) : 0;
  const joined = joinUpdates(graph, MOST_JOINED[target]);
  const lowered = lowerGraph(joined, { anyBatch: false, target, block, constants });
  const hidden = target === 'cpu' ? hideSizes(lowered.graph) : null;
  const written = hidden?.graph ?? lowered.graph;
  const named = new Set(hidden?.values.map((value) => value.name));
  const others = innerValues(written).filter((value) => !named.has(value.name));
  const bytes = encodeModel(written, {
    name,
    inputs: hidden?.inputs ?? written.inputs,
    outputs: written.outputs,
    values: [...(hidden?.values ?? []), ...(options.shapes === true ? others : [])],
    ...(metadata === undefined ? {} : { metadata }),
  });
  const session = await createSession(ort, bytes, sessionOptions);
  return { session, bytes, outputNames: lowered.outputNames };
}

const blocks = new WeakMap<OrtModule, Promise<number>>();

/** Found once per runtime: it hangs on the processor alone. */
function blockOf(ort: OrtModule): Promise<number> {
  const known = blocks.get(ort) ?? findBlock(ort);
  blocks.set(ort, known);
  return known;
}

/** What to choose operators for, by the execution providers. */
export function targetOf({ executionProviders = [] }: InferenceSession.SessionOptions): Target {
  const names = executionProviders.map((provider) =>
    typeof provider === 'string' ? provider : provider.name,
  );
  if (names.includes('webgpu')) return 'webgpu';
  return names.every((name) => name === 'cpu' || name === 'wasm') ? 'cpu' : 'portable';
}

async function createSession(
  ort: OrtModule,
  bytes: Uint8Array,
  options: InferenceSession.SessionOptions,
): Promise<InferenceSession> {
  try {
    return await ort.InferenceSession.create(bytes, options);
  } catch (cause) {
    throw await sessionError(ort, options, cause);
  }
}
