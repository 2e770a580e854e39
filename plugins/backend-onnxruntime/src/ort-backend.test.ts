import { LapyraError } from '@lapyra/core';
import * as ort from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { createOrtBackend } from './ort-backend.js';
import { type OrtLibrary, sessionOptions } from './ort-library.js';

const definition = {
  id: 'onnxruntime-cpu',
  priority: 1,
  can: ['train', 'sample'],
  packageName: 'onnxruntime-node',
  install: 'npm install onnxruntime-node',
  fix: 'reinstall it',
} as const;

describe('createOrtBackend', () => {
  it('says how to install what is not there', async () => {
    const missing = Object.assign(
      new Error("Cannot find package 'onnxruntime-node' imported from here"),
      { code: 'ERR_MODULE_NOT_FOUND' },
    );
    const backend = createOrtBackend({ ...definition, load: () => Promise.reject(missing) });
    expect(await backend.probe()).toEqual({
      available: false,
      reason: 'onnxruntime-node is not installed',
      fix: 'npm install onnxruntime-node',
    });
    const error: unknown = await backend.open().catch((reason: unknown) => reason);
    expect(LapyraError.is(error, 'LAPYRA_BACKEND_UNAVAILABLE')).toBe(true);
    expect(error).toMatchObject({
      message:
        'onnxruntime-cpu: expected an available backend, got: onnxruntime-node is not installed',
      hint: 'npm install onnxruntime-node',
      cause: missing,
    });
  });

  it('says what is wrong with a package that does not load', async () => {
    const broken = Object.assign(
      new Error("Cannot find module '../bin/napi-v6/linux/x64/onnxruntime_binding.node'\nmore"),
      { code: 'MODULE_NOT_FOUND' },
    );
    const backend = createOrtBackend({ ...definition, load: () => Promise.reject(broken) });
    expect(await backend.probe()).toEqual({
      available: false,
      reason: "Cannot find module '../bin/napi-v6/linux/x64/onnxruntime_binding.node'",
      fix: 'reinstall it',
    });
  });

  it('hands the threads on, and refuses what is no number of threads', async () => {
    const asked: (number | undefined)[] = [];
    const load = async (threads: number | undefined): Promise<OrtLibrary> => {
      asked.push(threads);
      return { ort, device: 'here', sessionOptions: sessionOptions('cpu', threads) };
    };
    const backend = createOrtBackend({ ...definition, load });
    await (await backend.open({ threads: 2 })).dispose();
    await (await backend.open()).dispose();
    expect(asked).toEqual([2, undefined]);
    for (const threads of [0, -1, 1.5, NaN])
      await expect(backend.open({ threads })).rejects.toMatchObject({
        code: 'LAPYRA_ENGINE_THREADS',
        message: `onnxruntime-cpu, threads: expected a whole number of at least 1, got ${threads}.`,
      });
  });
});
