/** Why a backend cannot be used on this machine, and what would change that. */
export class UnavailableError extends Error {
  /** A command or step. */
  readonly fix: string;

  constructor(reason: string, fix: string, cause?: unknown) {
    super(reason, cause === undefined ? undefined : { cause });
    this.fix = fix;
  }
}
