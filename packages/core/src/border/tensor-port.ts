// The border of an engine: where named tensors cross between the host and a program.
import type { DType } from '../tensor-value.js';

/** Element type and shape of a tensor that crosses the border of an engine. */
export interface TensorPort {
  readonly dtype: DType;
  readonly shape: readonly number[];
}

/** The tensors of a state, or the inputs of a program with its batch fixed. */
export type TensorPorts = Readonly<Record<string, TensorPort>>;

/** The element type that a program sees: tfjs has no `uint8`, so that is `int32` inside. */
export function insideType(dtype: DType): 'float32' | 'int32' | 'bool' {
  return dtype === 'uint8' ? 'int32' : dtype;
}

/** `float32 [2, 3]`. */
export function describePort({ dtype, shape }: TensorPort): string {
  return `${dtype} [${shape.join(', ')}]`;
}

export function samePort(a: TensorPort, b: TensorPort): boolean {
  return a.dtype === b.dtype && sameShape(a.shape, b.shape);
}

export function sameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((side, index) => side === b[index]);
}
