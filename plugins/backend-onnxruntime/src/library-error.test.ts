import { LapyraError } from '@lapyra/core';
import { describe, expect, it } from 'vitest';
import { libraryError } from './library-error.js';

describe('libraryError', () => {
  // As onnxruntime-node 1.30.0 and Dawn inside it put it.
  it.each([
    'Non-zero status code returned while running Expand node. Status Message: bfc_arena.cc:360 Failed to allocate memory for requested buffer of size 4000000000000',
    'WebGPU validation failed. Buffer size (1200000000) exceeds the max buffer size limit (1073741824).\n - While calling [Device].CreateBuffer([BufferDescriptor]).',
    'Array buffer allocation failed',
    'std::bad_alloc',
  ])('tells that memory is short: %s', (message) => {
    const error = libraryError('LAPYRA_ENGINE_RUN', "e, program 'p'", new Error(message));
    expect(error.code).toBe('LAPYRA_ENGINE_MEMORY');
    expect(error.message).toBe(
      `e, program 'p': expected enough memory, got: ${message.split('\n')[0]}`,
    );
    expect(error.hint).toContain('smaller batches');
  });

  it('says what an invalid buffer means', () => {
    const thrown = new Error(
      'WebGPU validation failed. [Invalid Buffer (unlabeled)] is invalid due to a previous error.\n - While validating',
    );
    expect(libraryError('LAPYRA_ENGINE_RUN', 'e', thrown).message).toBe(
      'e: expected enough memory, got: the device has no room for a buffer',
    );
  });

  it('wraps all else as it is, and lets errors of ours pass', () => {
    expect(libraryError('LAPYRA_ENGINE_RUN', 'e', new Error('device lost'))).toMatchObject({
      code: 'LAPYRA_ENGINE_RUN',
      message: 'e: failed: device lost',
    });
    const ours = new LapyraError('LAPYRA_ENGINE_DISPOSED', 'e: out of memory');
    expect(libraryError('LAPYRA_ENGINE_RUN', 'e', ours)).toBe(ours);
  });
});
