import {
  engine,
  OP_SCOPE_SUFFIX,
  type BackendValues,
  type DataType,
  type TensorInfo,
} from '@tensorflow/tfjs-core';
import {
  createNode,
  describeNode,
  type Attrs,
  type ConstantData,
  type DType,
  type Node,
  type TensorType,
  type Value,
} from '../graph/graph.js';
import type { CapturedTensor, CapturedTensors } from '../captured-tensors.js';
import { TfjsOnnxError } from '../tfjs-onnx-error.js';
import {
  currentOp,
  isDType,
  RecordingBackend,
  unsupportedDType,
  type Counted,
} from './recording-backend.js';

/** Name under which the recording backend is known to tfjs while a trace runs. */
export const TRACE_BACKEND = 'lapyra-trace';

interface Entry extends Counted {
  readonly value: Value;
}

/** Notes which kernel made which tensor, for a whole function. */
export class TraceBackend extends RecordingBackend<Entry> {
  readonly wayOut: string =
    'Write the function with other operations, or do this part outside of the compiled function.';
  readonly nodes: Node[] = [];
  /** The first refusal that could not be thrown at its cause. */
  failure: TfjsOnnxError | null = null;
  private readonly captured: CapturedTensors;
  /** Values of captured tensors, by their data and shape. */
  private readonly constants = new Map<object, Map<string, Value>>();
  /** Scopes that were open before the trace began. */
  private readonly outerScopes = engine().state.scopeStack.length;

  /** @param captured tensors from outside whose values are known */
  constructor(captured: CapturedTensors = new Map()) {
    super();
    this.captured = captured;
  }

  override record(
    kernel: string,
    inputs: Readonly<Record<string, Value>>,
    attrs: Attrs,
    types: readonly TensorType[],
  ): TensorInfo[] {
    const node = createNode(kernel, this.currentPath(), inputs, attrs, types);
    this.nodes.push(node);
    return node.outputs.map((value) => {
      const dataId = {};
      this.entries.set(dataId, { value, references: 1 });
      return { dataId, shape: [...value.shape], dtype: value.dtype };
    });
  }

  /** The value behind a tensor handle; refuses tensors that were made outside of the trace. */
  override lookUp(tensor: TensorInfo, user: string): Value {
    const entry = this.entries.get(tensor.dataId);
    if (entry !== undefined) return entry.value;
    const captured = this.captured.get(tensor.dataId);
    if (captured !== undefined) return this.constant(tensor, captured);
    throw new TfjsOnnxError(
      'TFJS_ONNX_CAPTURED_TENSOR',
      `${user}: expected tensors made from the function's inputs, got one of shape [${tensor.shape.join(', ')}] made outside of the function.`,
      {
        hint: 'Pass the tensor as a named input, create it inside the function, or give its values with captureTensors.',
      },
    );
  }

  override write(values: BackendValues | null, shape: number[], dtype: DataType): object {
    const type = constantType(dtype, shape);
    const data = constantData(values, type);
    const uniform = uniformValue(data);
    const [tensor] =
      uniform === null
        ? this.record('Constant', {}, { data }, [type])
        : this.record('Fill', {}, { shape: [...shape], value: uniform, dtype }, [type]);
    if (tensor === undefined) throw new Error('no tensor');
    return tensor.dataId;
  }

  override readSync(dataId: object): BackendValues {
    throw this.refuseReading(dataId);
  }

  override read(dataId: object): Promise<BackendValues> {
    // A rejection would surface nowhere: the function being traced is synchronous. The trace throws this when it ends.
    this.failure ??= this.refuseReading(dataId);
    return new Promise(() => {});
  }

  override memory(): { unreliable: boolean } {
    return { unreliable: true };
  }

  override timerAvailable(): boolean {
    return false;
  }

  override dispose(): void {
    this.entries.clear();
  }

  /**
   * The operation that runs now, after the scopes that the function named: `tf.tidy('encoder', …)`, and tfjs's own `forward` and
   * `backward` of gradients.
   */
  private currentPath(): string {
    const scopes = engine()
      .state.scopeStack.slice(this.outerScopes)
      .map(({ name }) => name)
      .filter((name) => name !== UNNAMED_SCOPE && !name.endsWith(OP_SCOPE_SUFFIX));
    return [...scopes, currentOp()].join('/');
  }

  private constant(
    { dataId, shape }: { dataId: object; shape: readonly number[] },
    { name, dtype, data }: CapturedTensor,
  ): Value {
    const known = this.constants.get(dataId) ?? new Map<string, Value>();
    this.constants.set(dataId, known);
    const key = shape.join();
    const value =
      known.get(key) ??
      createNode('Constant', this.currentPath(), {}, { data, name }, [{ shape, dtype }]).outputs[0];
    if (value === undefined) throw new Error('no constant');
    if (!known.has(key)) this.nodes.push(value.node);
    known.set(key, value);
    return value;
  }

  private refuseReading(dataId: object): TfjsOnnxError {
    const asynchronous = asynchronousOperation();
    if (asynchronous !== null) {
      return new TfjsOnnxError(
        'TFJS_ONNX_READ_VALUES',
        `"${asynchronous}": expected a result whose shape is known while the function is traced, got one that depends on values.`,
        {
          hint: 'Keep the shape fixed: tf.where with a neutral value in place of what would be left out, or tf.topk. Or do this part outside of the compiled function.',
        },
      );
    }
    const node = this.entries.get(dataId)?.value.node;
    const of = node === undefined ? 'a tensor' : `the result of ${describeNode(node)}`;
    return new TfjsOnnxError(
      'TFJS_ONNX_READ_VALUES',
      `The function reads the values of ${of}, which do not exist while it is traced.`,
      {
        hint: 'Return the tensor as an output and read it after the run; branch with tf.where instead of JavaScript conditions.',
      },
    );
  }
}

/** The operation of tfjs that reads values to know the shape of its result, if one of them is on the stack: they open no scope. */
function asynchronousOperation(): string | null {
  const v8: typeof Error & { stackTraceLimit?: number } = Error; // other engines do not have it
  const { stackTraceLimit } = v8;
  v8.stackTraceLimit = 50; // between them and here lie the frames of a translated async function
  const { stack = '' } = new Error('stack');
  if (stackTraceLimit !== undefined) v8.stackTraceLimit = stackTraceLimit;
  const [, name] =
    /\b(booleanMaskAsync|setdiff1dAsync|whereAsync)/.exec(
      stack.split('\n').toReversed().join('\n'),
    ) ?? [];
  return name ?? null;
}

/** What tfjs calls the scope of a `tidy` without a name. */
const UNNAMED_SCOPE = 'unnamed scope';

function constantType(dtype: DataType, shape: readonly number[]): TensorType {
  if (!isDType(dtype)) throw unsupportedDType(`"${currentOp() || 'tensor'}"`, dtype);
  return { shape: [...shape], dtype };
}

function constantData(values: BackendValues | null, { shape, dtype }: TensorType): ConstantData {
  const size = shape.reduce((a, b) => a * b, 1);
  const source: ArrayLike<number> =
    values === null ? new Float32Array(size) : (values as Float32Array);
  return typedArray(dtype, source);
}

function typedArray(dtype: DType, values: ArrayLike<number>): ConstantData {
  if (dtype === 'float32') return Float32Array.from(values);
  return dtype === 'int32' ? Int32Array.from(values) : Uint8Array.from(values);
}

function uniformValue(data: ConstantData): number | null {
  const first = data[0];
  if (first === undefined) return null;
  return data.every((value) => Object.is(value, first)) ? first : null;
}
