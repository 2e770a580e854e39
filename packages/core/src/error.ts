/** What went wrong, in capitals: `LAPYRA_<AREA>_<WHAT>`. Plugins add codes under an area of their own. */
export type LapyraErrorCode = `LAPYRA_${string}_${string}`;

export interface LapyraErrorOptions {
  /** What the reader can do next: one or two sentences. */
  readonly hint?: string;
  readonly cause?: unknown;
}

/**
 * The one error class of Lapyra: a stable code, a message of the form
 * `subject: expected …, got ….`, and a hint that says what to do next.
 */
export class LapyraError extends Error {
  override readonly name = 'LapyraError';
  /** Survives two copies of this package in one process, where `instanceof` does not. */
  readonly isLapyraError = true;
  readonly code: LapyraErrorCode;
  readonly hint: string | undefined;

  constructor(code: LapyraErrorCode, message: string, options: LapyraErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.hint = options.hint;
  }

  /** Whether `value` is a Lapyra error, of this code if one is given. */
  static is(value: unknown, code?: LapyraErrorCode): value is LapyraError {
    return (
      value instanceof Error &&
      (value as Partial<LapyraError>).isLapyraError === true &&
      (code === undefined || (value as LapyraError).code === code)
    );
  }
}
