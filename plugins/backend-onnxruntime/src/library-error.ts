import { engineError, LapyraError } from '@lapyra/core';

/** How ONNX Runtime, Dawn and JavaScript say that there is not enough memory. */
const NO_MEMORY =
  /failed to allocate memory|bad_?alloc|OUT_OF_(DEVICE|HOST)_MEMORY|out of memory|max buffer size limit|invalid buffer .*due to a previous error|array buffer allocation failed/i;

/**
 * What ONNX Runtime threw, as an engine lets it out.
 *
 * @returns `LAPYRA_ENGINE_MEMORY` if it ran out of memory, else {@link engineError} with the code
 */
export function libraryError(
  code: Parameters<typeof engineError>[0],
  subject: string,
  error: unknown,
): LapyraError {
  const wrapped = engineError(code, subject, error);
  if (LapyraError.is(error) || wrapped.code !== code || !NO_MEMORY.test(wrapped.message))
    return wrapped;
  return new LapyraError(
    'LAPYRA_ENGINE_MEMORY',
    `${subject}: expected enough memory, got: ${reasonOf(wrapped.message, error)}`,
    {
      hint: 'The state is as it was. Take smaller batches, or add up the gradients of parts of them (microBatches), or a narrower network.',
      cause: error,
    },
  );
}

function reasonOf(wrapped: string, error: unknown): string {
  // Dawn tells the cause on the terminal, and throws what it led to.
  if (/invalid buffer/i.test(wrapped)) return 'the device has no room for a buffer';
  const { message } = innermost(error);
  return message.split('\n')[0]!.trim();
}

/** The compiler wraps what ONNX Runtime says. */
function innermost(error: unknown): { readonly message: string } {
  if (!(error instanceof Error)) return { message: String(error) };
  return error.cause instanceof Error ? innermost(error.cause) : error;
}
