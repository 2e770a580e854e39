import {
  engine,
  KernelBackend,
  OP_SCOPE_SUFFIX,
  type BackendValues,
  type DataType,
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

/** Name under which the recording backend is known to tfjs while a trace runs. */
export const TRACE_BACKEND = 'lapyra-trace';

/** A tfjs backend that computes nothing: it notes which kernel made which tensor. */
export class TraceBackend extends KernelBackend {
  readonly nodes: Node[] = [];
  /** The first refusal that could not be thrown at its cause. */
  failure: TfjsOnnxError | null = null;
  private readonly values = new Map<object, { value: Value; references: number }>();
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

  /** Note a kernel call and give handles for its outputs. */
  record(
    kernel: string,
    inputs: Readonly<Record<string, Value>>,
    attrs: Attrs,
    types: readonly TensorType[],
  ): { dataId: object; shape: number[]; dtype: DataType }[] {
    const node = createNode(kernel, this.currentPath(), inputs, attrs, types);
    this.nodes.push(node);
    return node.outputs.map((value) => {
      const dataId = {};
      this.values.set(dataId, { value, references: 1 });
      return { dataId, shape: [...value.shape], dtype: value.dtype };
    });
  }

  /** The value behind a tensor handle; refuses tensors that were made outside of the trace. */
  lookUp(tensor: { dataId: object; shape: readonly number[] }, user: string): Value {
    const entry = this.values.get(tensor.dataId);
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

  /** Number of tensors that are still alive. */
  override numDataIds(): number {
    return this.values.size;
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

  override disposeData(dataId: object, force = false): boolean {
    const entry = this.values.get(dataId);
    if (entry === undefined) return true;
    entry.references -= 1;
    if (entry.references > 0 && !force) return false;
    this.values.delete(dataId);
    return true;
  }

  override refCount(dataId: object): number {
    return this.values.get(dataId)?.references ?? 0;
  }

  override incRef(dataId: object): void {
    const entry = this.values.get(dataId);
    if (entry !== undefined) entry.references += 1;
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

  override floatPrecision(): 16 | 32 {
    return 32;
  }

  override epsilon(): number {
    return 1e-7;
  }

  override timerAvailable(): boolean {
    return false;
  }

  override dispose(): void {
    this.values.clear();
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
    const node = this.values.get(dataId)?.value.node;
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

/** The tfjs operation that runs now. */
export function currentOp(): string {
  // Only scopes of operations end so; others carry tfjs's placeholder or the name of a tidy.
  const scope = engine().state.scopeStack.findLast(({ name }) => name.endsWith(OP_SCOPE_SUFFIX));
  return scope?.name.slice(0, -OP_SCOPE_SUFFIX.length) ?? '';
}

/** What tfjs calls the scope of a `tidy` without a name. */
const UNNAMED_SCOPE = 'unnamed scope';

function constantType(dtype: DataType, shape: readonly number[]): TensorType {
  if (dtype !== 'float32' && dtype !== 'int32' && dtype !== 'bool') {
    throw new TfjsOnnxError(
      'TFJS_ONNX_UNSUPPORTED_DTYPE',
      `"${currentOp() || 'tensor'}": expected float32, int32 or bool values, got ${dtype}.`,
    );
  }
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
