// A tensor program is a pure function over named tensors, written with the tfjs API. An engine runs it
// eagerly or traces and compiles it; nothing above the engine knows which.
import type { Tensor } from '@tensorflow/tfjs-core';
import type { DType } from './tensor-value.js';

/** Named tensors inside a program. */
export type Tensors = Readonly<Record<string, Tensor>>;

/** A declared input. `null` in first place stands for the batch. A `uint8` input is seen as int32. */
export interface InputSpec {
  readonly dtype: DType;
  readonly shape: readonly (number | null)[];
}

export interface ProgramResult {
  /** New values of exactly the tensors that the program declares in `writes`. */
  readonly state: Tensors;
  /** Exactly the tensors that the program declares in `outputs`. */
  readonly outputs: Tensors;
}

/**
 * `(state, inputs) → (state, outputs)`: pure. No variables, no hidden randomness, no reading of values:
 * noise and masks are inputs, and so are scalars that change by a schedule.
 */
export interface TensorProgram {
  /** For messages and for the names of nodes. */
  readonly name: string;
  /** Names of the state tensors that `run` is given. */
  readonly reads: readonly string[];
  /** Names of the state tensors that `run` returns anew; the others stay as they are. */
  readonly writes: readonly string[];
  readonly inputs: Readonly<Record<string, InputSpec>>;
  /** The outputs and the element type in which the host gets them. */
  readonly outputs: Readonly<Record<string, DType>>;
  run(state: Tensors, inputs: Tensors): ProgramResult;
}
