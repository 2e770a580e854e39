/** What can go wrong with gradients. */
export type GradientErrorCode =
  /** Two copies of `@tensorflow/tfjs-core` are loaded. */
  | 'TFJS_CORE_TWICE'
  /** A gradient was asked for that does not exist here. */
  | 'TFJS_GRADIENT_UNSUPPORTED';

/** The error of this entry: a stable `code`, what was expected and got in `message`, the way out in `hint`. */
export class GradientError extends Error {
  override readonly name = 'GradientError';
  readonly code: GradientErrorCode;
  readonly hint: string;

  constructor(code: GradientErrorCode, message: string, hint: string) {
    super(message);
    this.code = code;
    this.hint = hint;
  }
}
