import {
  engine,
  KernelBackend,
  OP_SCOPE_SUFFIX,
  type DataType,
  type TensorInfo,
} from '@tensorflow/tfjs-core';
import type { Attrs, DType, TensorType, Value } from '../graph/graph.js';
import { TfjsOnnxError } from '../tfjs-onnx-error.js';

/** What a recording backend keeps for a tensor's data. */
export interface Counted {
  /** How many tensors share the data. */
  references: number;
}

/** A tfjs backend whose kernels compute nothing: they note nodes of a graph. What is done with the nodes is up to subclasses. */
export abstract class RecordingBackend<Entry extends Counted> extends KernelBackend {
  /** The way out that refusals of kernels name. */
  abstract readonly wayOut: string;
  protected readonly entries: Map<object, Entry> = new Map();

  /** Note a kernel call and give handles for its outputs. */
  abstract record(
    kernel: string,
    inputs: Readonly<Record<string, Value>>,
    attrs: Attrs,
    types: readonly TensorType[],
  ): TensorInfo[];

  /** The value behind a tensor handle; refuses tensors that the backend cannot use. */
  abstract lookUp(tensor: TensorInfo, user: string): Value;

  /** Answer a kernel call without a node of its kind; null if it needs one. */
  answer(
    _kernel: string,
    _tensors: Readonly<Record<string, TensorInfo>>,
    _attrs: Attrs,
  ): TensorInfo | null {
    return null;
  }

  /** Inputs and attributes that a kernel call is noted with. */
  prepare(
    _kernel: string,
    inputs: Readonly<Record<string, Value>>,
    attrs: Attrs,
  ): { readonly inputs: Readonly<Record<string, Value>>; readonly attrs: Attrs } {
    return { inputs, attrs };
  }

  /** Number of tensors that are still alive, those that share their data counted once. */
  override numDataIds(): number {
    return this.entries.size;
  }

  override disposeData(dataId: object, force = false): boolean {
    const entry = this.entries.get(dataId);
    if (entry === undefined) return true;
    entry.references -= 1;
    if (entry.references > 0 && !force) return false;
    this.entries.delete(dataId);
    return true;
  }

  override refCount(dataId: object): number {
    return this.entries.get(dataId)?.references ?? 0;
  }

  override incRef(dataId: object): void {
    const entry = this.entries.get(dataId);
    if (entry !== undefined) entry.references += 1;
  }

  override floatPrecision(): 16 | 32 {
    return 32;
  }

  override epsilon(): number {
    return 1e-7;
  }
}

/** The tfjs operation that runs now. */
export function currentOp(): string {
  // Only scopes of operations end so; others carry tfjs's placeholder or the name of a tidy.
  const scope = engine().state.scopeStack.findLast(({ name }) => name.endsWith(OP_SCOPE_SUFFIX));
  return scope?.name.slice(0, -OP_SCOPE_SUFFIX.length) ?? '';
}

/** Whether graphs have this element type. */
export function isDType(dtype: DataType): dtype is DType {
  return dtype === 'float32' || dtype === 'int32' || dtype === 'bool';
}

/** Refuse an element type that graphs do not have. */
export function unsupportedDType(
  user: string,
  dtype: DataType,
  hint = 'Cast to one of them; keep text and complex numbers outside of the function.',
): TfjsOnnxError {
  return new TfjsOnnxError(
    'TFJS_ONNX_UNSUPPORTED_DTYPE',
    `${user}: expected float32, int32 or bool values, got ${dtype}.`,
    { hint },
  );
}
