import {
  engine,
  slice_util,
  util,
  type BackendTimingInfo,
  type BackendValues,
  type DataType,
  type Tensor,
  type TensorInfo,
} from '@tensorflow/tfjs-core';
import {
  createNode,
  describeNode,
  inputsOf,
  sameShape,
  sizeOf,
  type Attrs,
  type ConstantData,
  type DType,
  type Node,
  type TensorType,
  type Value,
} from '../graph/graph.js';
import { findKernel } from '../lowerings/registry.js';
import { TfjsOnnxError } from '../tfjs-onnx-error.js';
import { currentOp, RecordingBackend, unsupportedDType } from '../tracer/recording-backend.js';
import { closedError, ComputeQueue } from './compute-queue.js';
import type { Machine } from './compute-alone.js';
import { hostCall } from './host-inputs.js';
import { copyOf, filledSlot, pendingSlot, type Slot } from './slot.js';

/** How much may pile up. */
export interface PendingLimits {
  /** As soon as this many operations wait, they are computed when the running synchronous code ends. */
  readonly flushAfter: number;
  /** More operations than this may not wait. */
  readonly maxPending: number;
}

/** What `tf.memory()` tells of the lazy backend, beside tfjs's own counts. */
export interface OnnxRuntimeMemory {
  readonly unreliable: false;
  /** Bytes of the values of living tensors that are on the host. */
  readonly numBytesHeld: number;
  /** Operations that are recorded and not yet computed. */
  readonly numPendingOperations: number;
  /** Sessions of ONNX Runtime that are kept. */
  readonly numCompiledGraphs: number;
}

/** A tfjs backend that records what kernels do and computes it on ONNX Runtime when values are read. */
export class LazyBackend extends RecordingBackend<Slot> {
  readonly wayOut: string =
    "Compute this part on another backend: await its inputs with data(), and make it with tf.setBackend('cpu').";
  private readonly machine: Machine;
  private readonly limits: PendingLimits;
  private readonly queue: ComputeQueue;
  /** Slots without values that no batch has taken yet, in the order they were made. */
  private readonly pending = new Set<Slot>();
  /** Nodes recorded since the last batch was taken, and those in batches that still wait. */
  private recorded = 0;
  private queued = 0;
  private flushing: Promise<void> | null = null;

  constructor(machine: Machine, limits: PendingLimits) {
    super();
    this.machine = machine;
    this.limits = limits;
    this.queue = new ComputeQueue(machine);
  }

  override record(
    kernel: string,
    inputs: Readonly<Record<string, Value>>,
    attrs: Attrs,
    types: readonly TensorType[],
  ): TensorInfo[] {
    this.refusePile(kernel);
    const node = this.note(createNode(kernel, currentOp(), inputs, attrs, types));
    return node.outputs.map((value) => {
      const slot = pendingSlot(value);
      this.pending.add(slot);
      return this.handle(slot);
    });
  }

  override lookUp(tensor: TensorInfo, user: string): Value {
    if (!this.entries.has(tensor.dataId)) engine().moveData(this, tensor.dataId);
    const value = this.entries.get(tensor.dataId)?.value;
    if (value === undefined || value === null)
      throw unsupportedDType(user, tensor.dtype, 'Only data() reads such tensors here.');
    const { shape } = tensor;
    if (sameShape(shape, value.shape)) return value;
    const attrs = { shape: [...shape] };
    const node = createNode('Reshape', currentOp(), { x: value }, attrs, [
      { shape, dtype: value.dtype },
    ]);
    return this.note(node).outputs[0] ?? value;
  }

  /** Tensors with the same elements share their data. A number that fills a tensor is an input: another one is no other graph. */
  override answer(
    kernel: string,
    tensors: Readonly<Record<string, TensorInfo>>,
    attrs: Attrs,
  ): TensorInfo | null {
    const known = findKernel(kernel)?.values?.(attrs);
    if (known !== undefined) return this.handle(filledSlot([known.length], dtypeOf(known), known));
    const x = tensors['x'] ?? tensors['input'];
    if (kernel === 'Fill' && typeof attrs['value'] === 'number') return this.filled(attrs);
    if (x === undefined) return null;
    if (kernel === 'Identity') return this.share(x, x.shape);
    if (kernel === 'Cast' && attrs['dtype'] === x.dtype) return this.share(x, x.shape);
    if (kernel === 'Slice') return this.rowsOf(x, attrs);
    if (kernel !== 'Reshape') return null;
    const size = util.sizeFromShape(x.shape);
    const shape = util.inferFromImplicitShape(attrs['shape'] as number[], size);
    return this.share(x, shape);
  }

  override prepare(
    kernel: string,
    inputs: Readonly<Record<string, Value>>,
    attrs: Attrs,
  ): { readonly inputs: Readonly<Record<string, Value>>; readonly attrs: Attrs } {
    const call = hostCall(kernel, inputs, attrs);
    if (call === null) return { inputs, attrs };
    const made = Object.entries(call.inputs).map(([name, { shape, dtype, data }]) => {
      const slot = filledSlot(shape, dtype, data);
      return [name, slot.value];
    });
    return { inputs: { ...inputs, ...Object.fromEntries(made) }, attrs: call.attrs };
  }

  override write(values: BackendValues | null, shape: number[], dtype: DataType): object {
    return this.handle(this.slotFrom(values, shape, dtype)).dataId;
  }

  override move(
    dataId: object,
    values: BackendValues,
    shape: number[],
    dtype: DataType,
    refCount: number,
  ): void {
    const slot = this.slotFrom(values, shape, dtype);
    slot.references = refCount;
    this.entries.set(dataId, slot);
  }

  override disposeData(dataId: object, force = false): boolean {
    const slot = this.entries.get(dataId);
    const gone = super.disposeData(dataId, force);
    if (gone && slot !== undefined && slot.readers === 0) this.pending.delete(slot);
    return gone;
  }

  override async read(dataId: object): Promise<BackendValues> {
    const slot = this.slot(dataId);
    if (slot.data === null) {
      slot.readers += 1;
      await this.flushSoon();
      slot.readers -= 1;
    }
    return valuesOf(slot);
  }

  override readSync(dataId: object): BackendValues {
    const slot = this.slot(dataId);
    if (slot.data === null && slot.failure === null) {
      throw new TfjsOnnxError(
        'TFJS_ONNX_READ_VALUES',
        `${ofSlot(slot)}: its values are computed asynchronously and are not there yet: await data() instead of calling dataSync().`,
      );
    }
    return valuesOf(slot);
  }

  override timerAvailable(): boolean {
    return true;
  }

  /** The time that ONNX Runtime takes for the operations that `f` calls, in ms. */
  override async time(f: () => void): Promise<BackendTimingInfo> {
    const before = this.flush();
    f(); // within this call: tfjs uses the results as soon as it returns
    const computed = this.flush();
    await before;
    const { runner } = this.machine;
    const start = runner.kernelMs;
    await computed;
    return { kernelMs: runner.kernelMs - start };
  }

  override memory(): OnnxRuntimeMemory {
    const held = [...this.entries.values()].reduce((sum, { data }) => sum + bytesOf(data), 0);
    return {
      unreliable: false,
      numBytesHeld: held,
      numPendingOperations: this.recorded + this.queued,
      numCompiledGraphs: this.machine.cache.size,
    };
  }

  override dispose(): void {
    for (const slot of this.pending) slot.failure = closedError();
    this.entries.clear();
    this.pending.clear();
    this.recorded = 0;
    void this.queue.close();
  }

  private slotFrom(values: BackendValues | null, shape: number[], dtype: DataType): Slot {
    if (dtype === 'complex64')
      throw unsupportedDType(`"${currentOp() || 'tensor'}"`, dtype, this.wayOut);
    return filledSlot(shape, dtype, values);
  }

  private handle(slot: Slot): TensorInfo {
    const dataId = {};
    this.entries.set(dataId, slot);
    return { dataId, shape: [...slot.shape], dtype: slot.dtype };
  }

  private share({ dataId, dtype }: TensorInfo, shape: readonly number[]): TensorInfo {
    if (!this.entries.has(dataId)) engine().moveData(this, dataId);
    this.incRef(dataId);
    return { dataId, shape: [...shape], dtype };
  }

  private filled({ shape, value, dtype }: Attrs): TensorInfo | null {
    const type = (dtype ?? 'float32') as DataType;
    const number = this.slotFrom([value as number] as unknown as BackendValues, [], type).value;
    if (number === null) return null;
    const attrs = { shape: [...(shape as number[])] };
    const types = [{ shape: attrs.shape, dtype: number.dtype }];
    return this.record('BroadcastTo', { x: number }, attrs, types)[0] ?? null;
  }

  /**
   * A range of rows of known values is cut out on the host: where it begins is an attribute, and batches of a data set would be as many
   * structures otherwise.
   */
  private rowsOf({ dataId, shape, dtype }: TensorInfo, attrs: Attrs): TensorInfo | null {
    const data = this.entries.get(dataId)?.data;
    if (data == null || shape.length === 0) return null;
    const [begin, size] = slice_util.parseSliceParams(
      { shape, rank: shape.length } as Tensor, // nothing else is read
      attrs['begin'] as number[],
      attrs['size'] as number[],
    ) as [number[], number[]];
    const [[first = 0, ...within], [count = 0, ...kept], [rows = 0, ...row]] = [begin, size, shape];
    const whole = within.every((start) => start === 0) && sameShape(kept, row);
    if (!whole || first < 0 || count < 0 || first + count > rows) return null;
    const length = sizeOf(row);
    const part = data.slice(first * length, (first + count) * length) as BackendValues;
    return this.handle(this.slotFrom(part, [count, ...row], dtype));
  }

  private slot(dataId: object): Slot {
    const slot = this.entries.get(dataId);
    if (slot !== undefined) return slot;
    throw new TfjsOnnxError(
      'TFJS_ONNX_DISPOSED',
      'data: expected a live tensor, got a disposed one.',
    );
  }

  private note(node: Node): Node {
    this.recorded += 1;
    if (this.recorded >= this.limits.flushAfter) void this.flushSoon();
    return node;
  }

  /** Once per stretch of synchronous code: what is disposed until its end is not computed. */
  private flushSoon(): Promise<void> {
    this.flushing ??= Promise.resolve().then(() => {
      this.flushing = null;
      return this.flush();
    });
    return this.flushing;
  }

  /** Take what is pending now as one batch. */
  private flush(): Promise<void> {
    const slots = [...this.pending];
    const count = this.recorded;
    this.pending.clear();
    this.recorded = 0;
    this.queued += count;
    return this.queue.add(slots).then(() => {
      this.queued -= count;
    });
  }

  private refusePile(kernel: string): void {
    const { maxPending } = this.limits;
    if (this.recorded + this.queued < maxPending) return;
    // Most of it may be dead.
    this.recorded = countNodes(this.pending);
    if (this.recorded + this.queued < maxPending / 2) return;
    throw new TfjsOnnxError(
      'TFJS_ONNX_PENDING',
      `"${currentOp() || kernel}": expected at most ${maxPending} operations that wait to be computed, got more.`,
      {
        hint: 'Nothing is computed while synchronous code runs: await data() of a result, or tf.nextFrame(), now and then in the loop.',
      },
    );
  }
}

function dtypeOf(data: ConstantData): DType {
  if (data instanceof Float32Array) return 'float32';
  return data instanceof Int32Array ? 'int32' : 'bool';
}

function countNodes(slots: Iterable<Slot>): number {
  const seen = new Set<Node>();
  const open = [...slots].flatMap(({ value }) => (value === null ? [] : [value.node]));
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (seen.has(node)) continue;
    seen.add(node);
    for (const input of inputsOf(node)) open.push(input.node);
  }
  return seen.size;
}

function valuesOf({ data, failure, shape, dtype }: Slot): BackendValues {
  if (failure !== null) throw failure;
  if (data === null) throw new Error('no values after the batch was computed');
  return copyOf(data, shape, dtype);
}

function bytesOf(data: Slot['data']): number {
  if (data === null) return 0;
  return Array.isArray(data) ? data.reduce((sum, text) => sum + text.length, 0) : data.byteLength;
}

function ofSlot({ value }: Slot): string {
  return value === null ? 'a tensor' : `the result of ${describeNode(value.node)}`;
}
