import { LapyraError } from '@lapyra/core';
import { expect } from 'vitest';

/**
 * The {@link LapyraError} that a promise is rejected with. A result, or any other error, fails the test.
 *
 * @param code that it must have, or match
 * @param said that its message must contain
 */
export async function expectRefusal(
  promise: Promise<unknown>,
  code?: string | RegExp,
  said: string = '',
): Promise<LapyraError> {
  const error: unknown = await promise.then(
    () => expect.fail(`expected a refusal${code ? ` with ${code}` : ''}, got a result`),
    (reason: unknown) => reason,
  );
  if (!LapyraError.is(error)) throw error;
  if (code !== undefined) expect(error.code).toMatch(code);
  expect(error.message).toContain(said);
  return error;
}
