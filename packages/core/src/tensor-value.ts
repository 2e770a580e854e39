/** Element types that cross the border between the host and an engine. */
export type DType = 'float32' | 'int32' | 'uint8' | 'bool';

/** `bool` and `uint8` are stored as bytes. */
export type TypedData = Float32Array | Int32Array | Uint8Array;

/** A tensor on the host: plain numbers, row-major. */
export interface TensorValue {
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly data: TypedData;
}

/** Named tensors on the host. */
export type TensorValues = Readonly<Record<string, TensorValue>>;

/** The number of elements of a shape. */
export function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, side) => product * side, 1);
}
