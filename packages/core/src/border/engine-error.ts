import { LapyraError } from '../error.js';

/**
 * An error as an engine lets it out: Lapyra's own pass, also from inside of others; all else is wrapped once, with the
 * hint that it may carry.
 */
export function engineError(
  code: 'LAPYRA_ENGINE_COMPILE' | 'LAPYRA_ENGINE_RUN' | 'LAPYRA_ENGINE_MODEL',
  subject: string,
  error: unknown,
): LapyraError {
  if (LapyraError.is(error)) return error;
  const { cause, hint } = (error ?? {}) as { readonly cause?: unknown; readonly hint?: unknown };
  if (LapyraError.is(cause)) return cause;
  const message = error instanceof Error ? error.message : String(error);
  return new LapyraError(code, `${subject}: failed: ${message}`, {
    cause: error,
    ...(typeof hint === 'string' ? { hint } : {}),
  });
}

/** `LAPYRA_ENGINE_DISPOSED`: what is said of an engine, state, program or model after its disposal. */
export function disposedError(
  subject: string,
  what: 'an engine' | 'a state' | 'a program' | 'a model',
): LapyraError {
  return new LapyraError(
    'LAPYRA_ENGINE_DISPOSED',
    `${subject}: expected ${what} in use, got one that was disposed of.`,
  );
}
