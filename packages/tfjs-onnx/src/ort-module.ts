import type { InferenceSessionFactory, TensorConstructor } from 'onnxruntime-common';

/** The parts of onnxruntime-node or onnxruntime-web that are used; pass the imported module. */
export interface OrtModule {
  readonly InferenceSession: InferenceSessionFactory;
  readonly Tensor: TensorConstructor;
}
