import { type Backend, LapyraError, type Probe } from '@lapyra/core';
import { describe, expect, it } from 'vitest';
import { selectBackend } from './backends.js';

const up: Probe = { available: true, device: 'a processor' };
const down: Probe = { available: false, reason: 'not installed', fix: 'npm install it' };

function backend(id: string, probe: Probe, can: Backend['can'] = ['train', 'sample']): Backend {
  return {
    id,
    priority: 1,
    can,
    tested: true,
    probe: async () => probe,
    open: () => Promise.reject(new Error('not opened in this test')),
  };
}

async function refusal(...args: Parameters<typeof selectBackend>): Promise<LapyraError> {
  const error: unknown = await selectBackend(...args).then(
    () => new Error('chosen'),
    (reason: unknown) => reason,
  );
  if (!LapyraError.is(error)) throw error;
  return error;
}

describe('selectBackend', () => {
  it('takes the first that can and is available, and says what it skipped and why', async () => {
    const backends = [backend('gpu', down), backend('web', up, ['sample']), backend('cpu', up)];
    const { backend: chosen, notice } = await selectBackend(backends, 'auto', 'train');
    expect(chosen.id).toBe('cpu');
    expect(notice).toBe('backend cpu on a processor; skipped gpu (not installed)');
  });

  it('tries a named backend alone', async () => {
    const { message, hint } = await refusal(
      [backend('gpu', down), backend('cpu', up)],
      'gpu',
      'train',
    );
    expect(message).toBe('backend gpu: not available: not installed');
    expect(hint).toBe('npm install it');
  });

  it('refuses an unknown one and names the nearest', async () => {
    const { message, hint } = await refusal(
      [backend('onnxruntime-cpu', up)],
      'onnxruntime-cup',
      'train',
    );
    expect(message).toBe("backend: expected onnxruntime-cpu, auto, got 'onnxruntime-cup'.");
    expect(hint).toBe('Did you mean onnxruntime-cpu?');
  });

  it('refuses one that cannot do the job', async () => {
    const { message } = await refusal([backend('web', up, ['sample', 'onnx'])], 'web', 'train');
    expect(message).toBe(
      'backend web: expected one that can train, got one that can sample, onnx.',
    );
  });

  it('lists why none is available', async () => {
    const { message, hint } = await refusal([backend('gpu', down)], 'auto', 'train');
    expect(message).toBe('backend: expected one that can train, got gpu (not installed).');
    expect(hint).toBe('See what would mend it with: lapyra doctor');
    expect((await refusal([], 'auto', 'train')).hint).toContain(
      'npm install @lapyra/backend-onnxruntime',
    );
  });
});
