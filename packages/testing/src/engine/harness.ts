import type {
  Backend,
  CompiledProgram,
  Engine,
  EngineState,
  TensorProgram,
  TensorValues,
} from '@lapyra/core';
import type { Closeness } from '../expect-close.js';

/** What the parts of the suite share: the backend under test, and one engine of it that is open while tests run. */
export interface EngineHarness {
  readonly backend: Backend;
  readonly engine: Engine;
  readonly closeness: Closeness;
  /** Open a state, compile a program for it, use both, and dispose of them. */
  withProgram<Result>(
    program: TensorProgram,
    values: TensorValues,
    batch: number | undefined,
    use: (at: {
      readonly state: EngineState;
      readonly run: CompiledProgram['run'];
    }) => Promise<Result>,
  ): Promise<Result>;
}
