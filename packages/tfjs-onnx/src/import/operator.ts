import { tensor, Tensor } from '@tensorflow/tfjs-core';
import { TfjsOnnxError } from '../tfjs-onnx-error.js';
import type { OnnxCall } from './onnx-file.js';

/** Numbers that are known while the program runs: shapes, axes, indices and other settings. */
export interface HostNumbers {
  readonly shape: readonly number[];
  readonly values: readonly number[];
  /** False for floats. */
  readonly whole: boolean;
}

/** What a name in a file stands for. */
export type ImportedValue = Tensor | HostNumbers;

/** How an operator of ONNX is computed with tfjs. Images are [B, C, H, W], as in the file. */
export interface Operator {
  readonly name: string;
  /** Attributes that it knows. A file with others is refused. */
  readonly attrs: readonly string[];
  /** Places of inputs that are settings, not tensors: their values are read while the program is built. */
  readonly settings?: readonly number[];
  /** What about a call cannot be done, judging by its attributes; null if nothing. */
  refuses?(call: OnnxCall, opset: number): string | null;
  /** The results, in the order of the outputs. */
  run(call: RunningCall): ImportedValue | readonly ImportedValue[];
}

/** One call with its inputs, while the program runs. */
export class RunningCall {
  readonly call: OnnxCall;
  readonly opset: number;
  private readonly inputs: readonly (ImportedValue | undefined)[];

  constructor(call: OnnxCall, opset: number, inputs: readonly (ImportedValue | undefined)[]) {
    this.call = call;
    this.opset = opset;
    this.inputs = inputs;
  }

  get count(): number {
    return this.inputs.length;
  }

  /** True if an input is there. */
  has(at: number): boolean {
    return this.inputs[at] !== undefined;
  }

  /** An input of any kind. */
  value(at: number): ImportedValue {
    const value = this.inputs[at];
    if (value === undefined) throw this.refuse(`expected an input ${at}, got none`);
    return value;
  }

  /** An input as a tensor. */
  tensor(at: number): Tensor {
    const value = this.value(at);
    return asTensor(value);
  }

  /** All inputs as tensors. */
  tensors(): Tensor[] {
    return this.inputs.map((_, at) => this.tensor(at));
  }

  /** True if all inputs that are there are known numbers. */
  onHost(): boolean {
    return this.inputs.every((value) => value === undefined || !(value instanceof Tensor));
  }

  /** An input as known numbers. */
  host(at: number): HostNumbers {
    const value = this.value(at);
    if (value instanceof Tensor)
      throw this.refuse(`expected input ${at} to be numbers of the file, got one that is computed`);
    return value;
  }

  /** A list of whole numbers: an input from the operator set `since` on, an attribute before; undefined if there is none. */
  list(name: string, at: number, since: number): readonly number[] | undefined {
    if (this.opset >= since) return this.has(at) ? this.host(at).values : undefined;
    return this.ints(name);
  }

  int(name: string, otherwise: number): number {
    const value = this.call.attrs[name];
    return typeof value === 'number' ? value : otherwise;
  }

  /** Floats and whole numbers are read alike. */
  float(name: string, otherwise: number): number {
    return this.int(name, otherwise);
  }

  ints(name: string): readonly number[] | undefined {
    return listOf(this.call, name);
  }

  string(name: string, otherwise: string): string {
    return textOf(this.call, name, otherwise);
  }

  /** An error that names the call. */
  refuse(problem: string): TfjsOnnxError {
    return new TfjsOnnxError(
      'TFJS_ONNX_UNSUPPORTED_OPERATOR',
      `${describeCall(this.call)}: ${problem}.`,
    );
  }
}

/** A value as a tensor; known numbers become a constant. */
export function asTensor(value: ImportedValue): Tensor {
  if (value instanceof Tensor) return value;
  return tensor([...value.values], [...value.shape], value.whole ? 'int32' : 'float32');
}

/** A list attribute; undefined if there is none. */
export function listOf({ attrs }: OnnxCall, name: string): readonly number[] | undefined {
  const value = attrs[name];
  return Array.isArray(value) ? (value as readonly number[]) : undefined;
}

/** A text attribute. */
export function textOf({ attrs }: OnnxCall, name: string, otherwise: string): string {
  const value = attrs[name];
  return typeof value === 'string' ? value : otherwise;
}

/** How messages call a call: the operator, and its name in the file. */
export function describeCall({ op, name, outputs }: OnnxCall): string {
  return `${op} "${name === '' ? (outputs[0] ?? '') : name}"`;
}

/** An axis counted from the front. */
export function axisOf(axis: number, rank: number): number {
  return axis < 0 ? axis + rank : axis;
}
