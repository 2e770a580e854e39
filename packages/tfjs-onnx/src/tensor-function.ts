import type { Tensor } from '@tensorflow/tfjs-core';
import type { BorderDType } from './graph/graph.js';

/**
 * A function of named tensors, written with the tfjs API: it reads nothing but its inputs, keeps no state, reads no values and
 * draws no random numbers. The same function runs eagerly on any tfjs backend.
 */
export type TensorFunction = (inputs: Readonly<Record<string, Tensor>>) => Record<string, Tensor>;

/** Shape and element type of one input. */
export interface InputSpec {
  /** `null` in the first place stands for any batch size, where the compiler allows it. */
  readonly shape: readonly (number | null)[];
  /** The function sees a `uint8` input as an int32 tensor. */
  readonly dtype: BorderDType;
}

/** The specs of all inputs, by name. */
export type InputSpecs = Readonly<Record<string, InputSpec>>;
