import type { Tensor } from '@tensorflow/tfjs-core';
import type { ConstantData, DType } from './graph/graph.js';
import { TfjsOnnxError } from './tfjs-onnx-error.js';

/** The values of a tensor that lives outside of a traced function. */
export interface CapturedTensor {
  /** Name of the constant in the graph. */
  readonly name: string;
  readonly dtype: DType;
  readonly data: ConstantData;
}

/** Values of tensors, by the identity of their data: made by {@link captureTensors}. */
export type CapturedTensors = ReadonlyMap<object, CapturedTensor>;

/**
 * Read the values of tensors that a function uses without getting them as inputs, such as a model's weights.
 *
 * A trace is synchronous, and values on a device can only be read asynchronously, so they are read before; what the tensors hold
 * later does not matter any more.
 *
 * @param tensors by the name that the constant gets in the graph; variables in a list keep their own name
 * @throws {TfjsOnnxError} `TFJS_ONNX_UNSUPPORTED_DTYPE` for text and complex numbers
 */
export async function captureTensors(
  tensors: Readonly<Record<string, Tensor>> | readonly Tensor[],
): Promise<CapturedTensors> {
  const named = isList(tensors)
    ? tensors.map((tensor): [string, Tensor] => [nameOf(tensor), tensor])
    : Object.entries(tensors);
  const read = named.map(async ([name, tensor]): Promise<[object, CapturedTensor]> => {
    const { dtype } = tensor;
    if (dtype !== 'float32' && dtype !== 'int32' && dtype !== 'bool') {
      throw new TfjsOnnxError(
        'TFJS_ONNX_UNSUPPORTED_DTYPE',
        `tensor "${name}": expected float32, int32 or bool, got ${dtype}.`,
      );
    }
    // Copied: on some backends `data` hands out the very array that the tensor lives in.
    const data = (await tensor.data<typeof dtype>()).slice();
    return [tensor.dataId, { name, dtype, data }];
  });
  return new Map(await Promise.all(read));
}

function isList(
  tensors: Readonly<Record<string, Tensor>> | readonly Tensor[],
): tensors is readonly Tensor[] {
  return Array.isArray(tensors);
}

function nameOf(tensor: Tensor): string {
  return 'name' in tensor && typeof tensor.name === 'string' ? tensor.name : 'captured';
}
