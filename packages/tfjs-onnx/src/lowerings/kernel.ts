import { TfjsOnnxError } from '../tfjs-onnx-error.js';
import {
  describeNode,
  type Attrs,
  type ConstantData,
  type Node,
  type TensorType,
  type Value,
} from '../graph/graph.js';
import type { Lowering } from './lowering.js';

/** A kernel call before its outputs exist. */
export type Call<A = Attrs> = Pick<Node, 'kernel' | 'op' | 'inputs'> & { readonly attrs: A };

/** What this package knows of one tfjs kernel: the type of its result, its ONNX nodes and its cost. */
export interface Kernel<A = Attrs> {
  /** The kernel's name in tfjs. */
  readonly name: string;
  /** Types of the outputs; throws {@link TfjsOnnxError} if the call is beyond what `lower` can do. */
  infer(call: Call<A>): TensorType | readonly TensorType[];
  /** Emit ONNX nodes and set the form of each output. */
  lower(node: Node & { readonly attrs: A }, lowering: Lowering): void;
  /** The values of a kernel that reads no tensors, for backends that need no graph for them. */
  values?(attrs: A): ConstantData; // [N]
  /** Floating point operations; one per output element if not given. */
  flop?(node: Node & { readonly attrs: A }): number;
}

/** Declare a kernel with its own attribute type. */
export function defineKernel<A = Attrs>(kernel: Kernel<A>): Kernel {
  // The tracer hands each kernel the attributes that tfjs made for it, so the wider type is safe to store.
  return kernel as unknown as Kernel;
}

/** The named input of a call. */
export function operand(call: Pick<Node, 'kernel' | 'op' | 'inputs'>, name: string): Value {
  const value = call.inputs[name];
  if (value === undefined) {
    throw new TfjsOnnxError(
      'TFJS_ONNX_BAD_INPUT',
      `${describeNode(call)}: expected an input "${name}", got none.`,
    );
  }
  return value;
}

/** The only output of a node. */
export function result(node: Node): Value {
  const value = node.outputs[0];
  if (value === undefined) throw new Error(`${node.kernel} has no output`);
  return value;
}

/** What a check of tfjs gives; its refusal becomes this package's error, which names the operation. */
export function checked<T>(call: Pick<Node, 'kernel' | 'op'>, check: () => T): T {
  try {
    return check();
  } catch (cause) {
    if (TfjsOnnxError.is(cause)) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new TfjsOnnxError('TFJS_ONNX_BAD_INPUT', `${describeNode(call)}: ${reason}`, { cause });
  }
}

/** Refuse an attribute that a kernel has no lowering for. */
export function unsupported(
  call: Pick<Node, 'kernel' | 'op'>,
  what: string,
  hint: string,
): TfjsOnnxError {
  return new TfjsOnnxError(
    'TFJS_ONNX_UNSUPPORTED_ATTRIBUTE',
    `${describeNode(call)}: ${what} is not supported.`,
    {
      hint,
    },
  );
}
