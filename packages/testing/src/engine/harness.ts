import {
  type Backend,
  type CompiledProgram,
  type Engine,
  type EngineState,
  LapyraError,
  type TensorProgram,
  type TensorValues,
} from '@lapyra/core';
import { expect } from 'vitest';
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

/** The promise is rejected with a LapyraError of this code whose message contains `said`; returns the message. */
export async function expectRefusal(
  promise: Promise<unknown>,
  code: string | RegExp,
  said: string,
): Promise<string> {
  const error = await promise.then(
    () => expect.fail(`expected a refusal with ${code}, got a result`),
    (reason: unknown) => reason,
  );
  if (!LapyraError.is(error)) throw error;
  expect(error.code).toMatch(code);
  expect(error.message).toContain(said);
  return error.message;
}
