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
import { TfjsOnnxError } from '../tfjs-onnx-error.js';

/** Name under which the recording backend is known to tfjs while a trace runs. */
export const TRACE_BACKEND = 'lapyra-trace';

/** A tfjs backend that computes nothing: it notes which kernel made which tensor. */
export class TraceBackend extends KernelBackend {
  readonly nodes: Node[] = [];
  /** The first refusal that could not be thrown at its cause. */
  failure: TfjsOnnxError | null = null;
  private readonly values = new Map<object, { value: Value; references: number }>();

  /** Note a kernel call and give handles for its outputs. */
  record(
    kernel: string,
    inputs: Readonly<Record<string, Value>>,
    attrs: Attrs,
    types: readonly TensorType[],
  ): { dataId: object; shape: number[]; dtype: DataType }[] {
    const node = createNode(kernel, currentOp(), inputs, attrs, types);
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
    throw new TfjsOnnxError(
      'TFJS_ONNX_CAPTURED_TENSOR',
      `${user}: expected tensors made from the function's inputs, got one of shape [${tensor.shape.join(', ')}] made outside of the function.`,
      { hint: 'Pass the tensor as a named input, or create it inside the function.' },
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
  const name: string | null | undefined = engine().state.activeScope?.name;
  return name?.endsWith(OP_SCOPE_SUFFIX) === true ? name.slice(0, -OP_SCOPE_SUFFIX.length) : '';
}

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
