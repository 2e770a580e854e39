/** A source that cannot be had for now: the next one is tried. */
export class SourceFailure extends Error {
  override readonly name = 'SourceFailure';

  constructor(reason: string, cause?: unknown) {
    super(reason, { cause });
  }
}
