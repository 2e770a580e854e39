import type { InferenceSession, Tensor } from 'onnxruntime-common';
import type { CapturedTensors } from './captured-tensors.js';
import { buildSession, targetOf } from './build-session.js';
import { estimateCost, type Cost } from './graph/estimate-cost.js';
import { type DeferredSelects, deferSelects } from './graph/defer-selects.js';
import { sizeOf, type BorderDType } from './graph/graph.js';
import { simplify } from './graph/simplify.js';
import type { HostTensor } from './host-tensor.js';
import type { Target } from './lowerings/lowering.js';
import type { OrtModule } from './ort-module.js';
import { runError } from './runtime-error.js';
import type { InputSpecs, TensorFunction } from './tensor-function.js';
import { TfjsOnnxError } from './tfjs-onnx-error.js';
import { trace } from './tracer/trace.js';

/** What to compile for. */
export interface CompileOptions {
  readonly inputs: InputSpecs;
  /**
   * Further tensors that the function gets, with values that stay: they are stored in the graph, where the runtime prepares them
   * once. Default: none.
   */
  readonly constants?: Readonly<Record<string, HostTensor>>;
  readonly ort: OrtModule;
  /** Element types of outputs that differ from the function's own. */
  readonly outputTypes?: Readonly<Record<string, BorderDType>>;
  /**
   * Leave selections `where(one condition, computed, input)` at the end of the graph to the host: where the condition does not
   * hold, the result is the very tensor that was fed. Saves a copy of each such output; needs the conditions on the host, and
   * outputs that are not pre-allocated. Default `false`.
   */
  readonly deferSelects?: boolean;
  /** Merged over {@link DEFAULT_SESSION_OPTIONS}. */
  readonly sessionOptions?: InferenceSession.SessionOptions;
  /**
   * What to choose operators for: `'cpu'` uses forms that are fastest on ONNX Runtime's processor kernels, `'portable'` plain ones.
   * Default: `'cpu'` if the session options name no other execution provider.
   */
  readonly target?: Target;
  /** Name stored in the graph. Default `"compiled"`. */
  readonly name?: string;
  /** Text that is stored beside the graph in `bytes`. */
  readonly metadata?: Readonly<Record<string, string>>;
  /** Values of tensors that the function uses without getting them, by `captureTensors`; they become constants. */
  readonly captured?: CapturedTensors;
}

/** Name, shape and element type of an input or output. */
export interface BorderSpec {
  readonly shape: readonly number[];
  readonly dtype: BorderDType;
}

/** Which outputs to compute: names, or names with tensors to write into (`null` for none). */
export type Fetches = readonly string[] | Readonly<Record<string, Tensor | null>>;

/** A function that ONNX Runtime runs. */
export interface CompiledFunction {
  readonly inputs: Readonly<Record<string, BorderSpec>>;
  readonly outputs: Readonly<Record<string, BorderSpec>>;
  readonly cost: Cost;
  /** The ONNX file that was compiled. */
  readonly bytes: Uint8Array;
  /**
   * Run once.
   *
   * Feeds are host tensors or tensors of ONNX Runtime; results are tensors of ONNX Runtime, which can be fed again without a copy.
   *
   * @param fetches the outputs to compute; all by default
   * @throws {TfjsOnnxError} `TFJS_ONNX_BAD_INPUT`, `TFJS_ONNX_MEMORY`, or `TFJS_ONNX_RUNTIME` for whatever else ONNX Runtime throws
   */
  run(
    feeds: Readonly<Record<string, HostTensor | Tensor>>,
    fetches?: Fetches,
  ): Promise<Record<string, Tensor>>;
  /** Release the session. Running afterwards is refused. */
  dispose(): Promise<void>;
}

/**
 * Session options that suit training steps: lowest peak memory; threads that wait for the next node for 50 µs before they sleep, which
 * takes hardly any time from other processes, and share work out in small parts (two threads: 3 to 10 % less time than with neither).
 */
export const DEFAULT_SESSION_OPTIONS: InferenceSession.SessionOptions = {
  graphOptimizationLevel: 'all',
  executionMode: 'sequential',
  enableMemPattern: false,
  interOpNumThreads: 1,
  extra: {
    session: {
      intra_op: { allow_spinning: '1', spin_duration_us: '50' },
      force_spinning_stop: '1',
      dynamic_block_base: '4',
    },
  },
};

/**
 * Compile a function for fixed shapes.
 *
 * @throws {TfjsOnnxError} if the function cannot be traced, or ONNX Runtime refuses the graph
 */
export async function compile(
  fn: TensorFunction,
  options: CompileOptions,
): Promise<CompiledFunction> {
  const { inputs, constants = {}, ort, outputTypes, captured, metadata } = options;
  const traced = simplify(
    trace(fn, {
      inputs: { ...inputs, ...constants },
      ...(outputTypes === undefined ? {} : { outputTypes }),
      ...(captured === undefined ? {} : { captured }),
    }),
  );
  const { graph: kept, deferred } = options.deferSelects
    ? deferSelects(traced)
    : { graph: traced, deferred: NOTHING_DEFERRED };
  const sessionOptions = { ...DEFAULT_SESSION_OPTIONS, ...options.sessionOptions };
  const onDevice = targetOf(sessionOptions) === 'webgpu';
  const { session, bytes, outputNames } = await buildSession(kept, {
    ort,
    sessionOptions,
    ...(options.target === undefined ? {} : { target: options.target }),
    name: options.name ?? 'compiled',
    constants,
    shapes: true,
    ...(metadata === undefined ? {} : { metadata }),
  });
  const inputSpecs = Object.fromEntries(
    traced.inputs
      .filter(({ name }) => !(name in constants))
      .map(({ name, value, dtype }) => [name, { shape: value.shape, dtype }]),
  );
  const outputSpecs = Object.fromEntries(
    traced.outputs.map(({ name, value, dtype }) => [name, { shape: value.shape, dtype }]),
  );
  let disposed = false;

  return {
    inputs: inputSpecs,
    outputs: outputSpecs,
    cost: estimateCost(traced),
    bytes,
    run: async (feeds, fetches) => {
      if (disposed)
        throw new TfjsOnnxError(
          'TFJS_ONNX_DISPOSED',
          'run: expected a live function, got one that was disposed.',
        );
      const ortFeeds: Record<string, Tensor> = {};
      for (const [name, spec] of Object.entries(inputSpecs))
        ortFeeds[name] = feed(ort, name, spec, feeds[name], onDevice);
      refuseUnknown(Object.keys(feeds), inputSpecs, 'input');
      const wanted =
        fetches === undefined
          ? Object.keys(outputSpecs)
          : isNames(fetches)
            ? fetches
            : Object.keys(fetches);
      refuseUnknown(wanted, outputSpecs, 'output');
      const ortFetches: Record<string, Tensor | null> = {};
      const fetch = (name: string, into: Tensor | null): void => {
        ortFetches[outputNames.get(name) ?? name] = into;
      };
      for (const name of wanted) {
        const into = fetches === undefined || isNames(fetches) ? null : (fetches[name] ?? null);
        const select = deferred.get(name);
        if (select && into)
          throw new TfjsOnnxError(
            'TFJS_ONNX_BAD_INPUT',
            `output "${name}": expected no tensor to write into, as its selection is left to the host, got one.`,
            { hint: 'Compile without deferSelects.' },
          );
        if (into) checkPlace(`output "${name}"`, into, onDevice);
        if (select) fetch(select.condition, null);
        fetch(name, into);
      }
      const results = await session.run(ortFeeds, ortFetches).catch((cause: unknown) => {
        throw runError(cause);
      });
      const take = (name: string): Tensor => resultOf(results, outputNames.get(name) ?? name);
      return Object.fromEntries(
        wanted.map((name) => {
          const select = deferred.get(name);
          const holds = !select || take(select.condition).data[0] !== 0;
          return [name, holds ? take(name) : ortFeeds[select.otherwise]!];
        }),
      );
    },
    dispose: async () => {
      if (disposed) return;
      disposed = true;
      await session.release();
    },
  };
}

const NOTHING_DEFERRED: DeferredSelects['deferred'] = new Map();

function feed(
  ort: OrtModule,
  name: string,
  spec: BorderSpec,
  value: HostTensor | Tensor | undefined,
  onDevice: boolean,
): Tensor {
  const got = value === undefined ? 'none' : `${typeOf(value)} [${shapeOf(value).join(', ')}]`;
  const wanted = `${spec.dtype} [${spec.shape.join(', ')}]`;
  if (value === undefined || got !== wanted) {
    throw new TfjsOnnxError(
      'TFJS_ONNX_BAD_INPUT',
      `input "${name}": expected ${wanted}, got ${got}.`,
    );
  }
  if (isOrtTensor(value)) {
    checkPlace(`input "${name}"`, value, onDevice);
    return value;
  }
  const size = sizeOf(value.shape);
  if (value.data.length !== size) {
    throw new TfjsOnnxError(
      'TFJS_ONNX_BAD_INPUT',
      `input "${name}": expected ${size} numbers, got ${value.data.length}.`,
    );
  }
  return new ort.Tensor(value.dtype, value.data as Uint8Array, value.shape);
}

/** ONNX Runtime itself takes a tensor on a device for numbers on the host, whatever lies there. */
function checkPlace(what: string, { location }: Tensor, onDevice: boolean): void {
  if (location === 'cpu' || location === 'cpu-pinned') return;
  if (location === 'gpu-buffer' && onDevice) return;
  const disposed = location === 'none';
  throw new TfjsOnnxError(
    'TFJS_ONNX_BAD_INPUT',
    `${what}: expected a tensor ${onDevice ? 'on the host or the device' : 'on the host'}, got one ${disposed ? 'that was disposed' : `on a device (${location})`}.`,
    disposed
      ? {}
      : {
          hint: 'Bring it to the host first, or compile for the device: sessionOptions: { executionProviders: ["webgpu"] }.',
        },
  );
}

function isOrtTensor(value: HostTensor | Tensor): value is Tensor {
  return 'dims' in value;
}

function typeOf(value: HostTensor | Tensor): string {
  return isOrtTensor(value) ? value.type : value.dtype;
}

function shapeOf(value: HostTensor | Tensor): readonly number[] {
  return isOrtTensor(value) ? value.dims : value.shape;
}

function isNames(fetches: Fetches): fetches is readonly string[] {
  return Array.isArray(fetches);
}

function refuseUnknown(
  names: readonly string[],
  specs: Readonly<Record<string, BorderSpec>>,
  what: string,
): void {
  for (const name of names) {
    if (name in specs) continue;
    const known = Object.keys(specs).join(', ');
    throw new TfjsOnnxError(
      'TFJS_ONNX_BAD_INPUT',
      `${what} "${name}": expected one of ${known}, got an unknown name.`,
    );
  }
}

function resultOf(results: Readonly<Record<string, Tensor>>, name: string): Tensor {
  const tensor = results[name];
  if (tensor === undefined)
    throw new TfjsOnnxError('TFJS_ONNX_RUNTIME', `output "${name}": ONNX Runtime returned none.`);
  return tensor;
}
