/** What went wrong, for code that reacts to it. */
export type TfjsOnnxErrorCode =
  | 'TFJS_ONNX_NESTED_TRACE'
  | 'TFJS_ONNX_ASYNC_FUNCTION'
  | 'TFJS_ONNX_READ_VALUES'
  | 'TFJS_ONNX_CAPTURED_TENSOR'
  | 'TFJS_ONNX_ESCAPED_TENSOR'
  | 'TFJS_ONNX_VARIABLE'
  | 'TFJS_ONNX_HIDDEN_RANDOMNESS'
  | 'TFJS_ONNX_UNSUPPORTED_KERNEL'
  | 'TFJS_ONNX_UNSUPPORTED_ATTRIBUTE'
  | 'TFJS_ONNX_UNSUPPORTED_DTYPE'
  | 'TFJS_ONNX_BAD_INPUT'
  | 'TFJS_ONNX_BAD_OUTPUT'
  | 'TFJS_ONNX_BATCH_DEPENDENCE'
  | 'TFJS_ONNX_PENDING'
  | 'TFJS_ONNX_FILE'
  | 'TFJS_ONNX_UNSUPPORTED_OPERATOR'
  | 'TFJS_ONNX_MEMORY'
  | 'TFJS_ONNX_PROVIDER'
  | 'TFJS_ONNX_DISPOSED'
  | 'TFJS_ONNX_RUNTIME';

/**
 * The one error of this package. The message names the operation and what was expected and got; `hint` says the way out.
 *
 * Test with {@link TfjsOnnxError.is} rather than `instanceof`: it also holds when two copies of the package are loaded.
 */
export class TfjsOnnxError extends Error {
  override readonly name = 'TfjsOnnxError';
  readonly isTfjsOnnxError = true;
  readonly code: TfjsOnnxErrorCode;
  readonly hint: string | undefined;

  constructor(
    code: TfjsOnnxErrorCode,
    message: string,
    options: { hint?: string; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.hint = options.hint;
  }

  /** True for an error of this class, and of this code if one is given. */
  static is(value: unknown, code?: TfjsOnnxErrorCode): value is TfjsOnnxError {
    if (!(value instanceof Error) || !('isTfjsOnnxError' in value)) return false;
    return code === undefined || (value as TfjsOnnxError).code === code;
  }
}
