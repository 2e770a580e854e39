import type { DType, TensorValue, TypedData } from '@lapyra/core';
import type { Tensor } from 'onnxruntime-common';
import type { OrtLibrary } from './ort-library.js';

/** A tensor of ONNX Runtime that shares the value's array. */
export function wrap({ Tensor: Constructor }: OrtLibrary['ort'], value: TensorValue): Tensor {
  const { dtype, shape, data } = value;
  // Its constructor knows bool as bytes, but has no overload that says so for all four at once.
  return new Constructor(dtype as 'uint8', data as Uint8Array, shape);
}

/** The same with an array of its own. */
export function copyIn(ort: OrtLibrary['ort'], value: TensorValue): Tensor {
  return wrap(ort, { ...value, data: value.data.slice() });
}

/** The value of a tensor that lies in the processor's memory; shares its array. */
export function valueOf(tensor: Tensor): TensorValue {
  return { dtype: tensor.type as DType, shape: tensor.dims, data: tensor.data as TypedData };
}

/** The same with an array of its own. */
export function copyOut(tensor: Tensor): TensorValue {
  const { dtype, shape, data } = valueOf(tensor);
  return { dtype, shape: [...shape], data: data.slice() };
}
