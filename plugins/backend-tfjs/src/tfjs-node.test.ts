import util from 'node:util';
import { LapyraError } from '@lapyra/core';
import { engineConformance } from '@lapyra/testing';
import { MathBackendCPU } from '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createTfjsNodeBackend } from './tfjs-node.js';

// The native library cannot be had here. This stands in for it: a module of the same shape that does what importing
// @tensorflow/tfjs-node does, with plain JavaScript in place of the library.
function standIn({
  gpu = false,
  gpuPackage = gpu,
}: { gpu?: boolean; gpuPackage?: boolean } = {}): () => Promise<unknown> {
  return async () => {
    class Native extends MathBackendCPU {
      readonly isGPUPackage = gpuPackage;
      readonly isUsingGpuDevice = gpu;
    }
    // The real module calls this on its way, and Node 23 has removed it.
    const { isNullOrUndefined } = util as { isNullOrUndefined?: (value: unknown) => boolean };
    if (isNullOrUndefined!(0) || !isNullOrUndefined!(null)) throw new Error('isNullOrUndefined');
    if (!tf.getKernel('Add', 'tensorflow')) tf.copyRegisteredKernels('cpu', 'tensorflow');
    if (tf.findBackendFactory('tensorflow') === null) {
      tf.registerBackend('tensorflow', () => new Native(), 3);
    }
    void tf.setBackend('tensorflow');
    return { default: { ...tf, version: { tfjs: '4.22.0', 'tfjs-node': '4.22.0' } } };
  };
}

const definition = {
  id: 'tfjs-node',
  priority: 50,
  packageName: '@tensorflow/tfjs-node',
  gpu: false,
} as const;

const onGpu = {
  id: 'tfjs-node-gpu',
  priority: 60,
  packageName: '@tensorflow/tfjs-node-gpu',
  gpu: true,
} as const;

await engineConformance(() => createTfjsNodeBackend({ ...definition, load: standIn() }), {
  liveTensors: () => tf.engine().state.numTensors,
});

describe('createTfjsNodeBackend', () => {
  beforeEach(() => {
    if (tf.findBackendFactory('tensorflow')) tf.removeBackend('tensorflow');
  });
  afterEach(() => tf.removeBackend('cpu-of-user'));

  it('says what it runs on, that it was not tested, and leaves the current backend', async () => {
    userBackend();
    const backend = createTfjsNodeBackend({ ...definition, load: standIn() });
    expect(backend.tested).toBe(false);
    expect(await backend.probe()).toEqual({
      available: true,
      device: expect.stringMatching(/TensorFlow, tfjs-node 4\.22\.0$/),
    });
    expect(tf.getBackend()).toBe('cpu-of-user');
  });

  it('mends what Node 23 removed, before the import', async () => {
    userBackend();
    const patched = util as { isNullOrUndefined?: unknown };
    const original = patched.isNullOrUndefined;
    delete patched.isNullOrUndefined;
    try {
      const backend = createTfjsNodeBackend({ ...definition, load: standIn() });
      expect(await backend.probe()).toMatchObject({ available: true });
    } finally {
      patched.isNullOrUndefined = original;
    }
  });

  it('takes the GPU package where TensorFlow sees a GPU', async () => {
    userBackend();
    const backend = createTfjsNodeBackend({ ...onGpu, load: standIn({ gpu: true }) });
    expect(await backend.probe()).toMatchObject({ available: true, device: /^GPU, TensorFlow/ });
    const engine = await backend.open();
    expect(engine.id).toBe('tfjs-node-gpu');
    await engine.dispose();
  });

  it('is not available as GPU where TensorFlow sees none', async () => {
    userBackend();
    const backend = createTfjsNodeBackend({ ...onGpu, load: standIn({ gpuPackage: true }) });
    expect(await backend.probe()).toEqual({
      available: false,
      reason: 'tfjs-node-gpu: expected TensorFlow to use a GPU, got the processor.',
      fix: 'TensorFlow 2.9 wants CUDA 11.2 and cuDNN 8.1.',
    });
    await expect(backend.open()).rejects.toMatchObject({ code: 'LAPYRA_BACKEND_UNAVAILABLE' });
  });

  it('is not available as GPU where the other package was there first', async () => {
    userBackend();
    await createTfjsNodeBackend({ ...definition, load: standIn() }).probe();
    const backend = createTfjsNodeBackend({ ...onGpu, load: standIn({ gpu: true }) });
    expect(await backend.probe()).toMatchObject({
      available: false,
      fix: expect.stringContaining('Another build of TensorFlow'),
    });
  });

  it('says how to install what is not there, and how to rebuild what fails', async () => {
    userBackend();
    const missing = Object.assign(
      new Error("Cannot find package '@tensorflow/tfjs-node' imported from here"),
      { code: 'ERR_MODULE_NOT_FOUND' },
    );
    const absent = createTfjsNodeBackend({ ...definition, load: () => Promise.reject(missing) });
    expect(await absent.probe()).toEqual({
      available: false,
      reason: '@tensorflow/tfjs-node is not installed',
      fix: 'npm install @tensorflow/tfjs-node',
    });
    const error = await absent.open().catch((reason: unknown) => reason);
    expect(LapyraError.is(error, 'LAPYRA_BACKEND_UNAVAILABLE')).toBe(true);
    expect(error).toMatchObject({ hint: 'npm install @tensorflow/tfjs-node', cause: missing });
    expect((error as Error).message).toContain('tfjs-node: ');

    const load = (): Promise<unknown> => Promise.reject(new Error('wrong ELF class\nmore'));
    const broken = createTfjsNodeBackend({ ...definition, load });
    expect(await broken.probe()).toEqual({
      available: false,
      reason: 'wrong ELF class',
      fix: 'npm rebuild @tensorflow/tfjs-node --build-addon-from-source',
    });
    expect(tf.getBackend()).toBe('cpu-of-user');
  });

  it('refuses a module that brings its own copy of tfjs-core', async () => {
    userBackend();
    const load = async (): Promise<unknown> => {
      const { default: module } = (await standIn()()) as { default: object };
      return { default: { ...module, Tensor: Date } };
    };
    const backend = createTfjsNodeBackend({ ...definition, load });
    expect(await backend.probe()).toMatchObject({
      available: false,
      reason: expect.stringContaining('expected one copy'),
    });
  });
});

/** A backend that the user has chosen. */
function userBackend(): void {
  tf.registerBackend('cpu-of-user', () => new MathBackendCPU());
  void tf.setBackend('cpu-of-user');
}
