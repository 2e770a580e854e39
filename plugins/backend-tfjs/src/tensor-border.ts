import { type DType, insideType, type TensorValue, type TypedData } from '@lapyra/core';
import { type Tensor, tensor } from '@tensorflow/tfjs-core';

/** A tensor with a copy of the value: backends may keep the array that they are given. */
export function toTensor({ dtype, shape, data }: TensorValue): Tensor {
  const copy = dtype === 'uint8' ? Int32Array.from(data) : data.slice();
  return tensor(copy, [...shape], insideType(dtype));
}

/** A copy of the tensor's value as the element type that was declared: int32 may leave as `uint8`, modulo 256. */
export function toValue(source: Tensor, dtype: DType): TensorValue {
  const data: TypedData = source.dataSync<'float32' | 'int32' | 'bool'>();
  return {
    dtype,
    shape: source.shape,
    data: dtype === 'uint8' ? Uint8Array.from(data) : data.slice(),
  };
}
