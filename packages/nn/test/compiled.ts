// Runs a function of named tensors on ONNX Runtime, compiled as a training step is.
import { compile, type TensorFunction } from '@lapyra/tfjs-onnx';
import type { Tensor } from '@tensorflow/tfjs-core';
import * as ort from 'onnxruntime-node';
import type { Stored } from './numbers.js';

export async function compiled(
  fn: TensorFunction,
  inputs: Readonly<Record<string, Tensor>>,
): Promise<Record<string, Stored>> {
  const given = Object.entries(inputs).map(
    ([name, tensor]) =>
      [
        name,
        {
          shape: [...tensor.shape],
          dtype: 'float32' as const,
          data: Float32Array.from(tensor.dataSync()),
        },
      ] as const,
  );
  const program = await compile(fn, {
    inputs: Object.fromEntries(given),
    ort,
    sessionOptions: { intraOpNumThreads: 1 },
  });
  const results = await program.run(Object.fromEntries(given));
  await program.dispose();
  return Object.fromEntries(
    Object.entries(results).map(([name, { dims, data }]) => [
      name,
      { shape: [...dims], data: Array.from(data as Float32Array) },
    ]),
  );
}
