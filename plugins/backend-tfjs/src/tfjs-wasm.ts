import { createRequire } from 'node:module';
import { dirname, sep } from 'node:path';
import { definePlugin, type Plugin } from '@lapyra/core';
import { engine } from '@tensorflow/tfjs-core';
import * as v from 'valibot';
import { createTfjsBackend, processorName } from './tfjs-backend.js';
import type { NoOptions } from './tfjs-cpu.js';

const PACKAGE = '@tensorflow/tfjs-backend-wasm';

/**
 * TensorFlow.js's WebAssembly kernels, in one thread under Node. They have no gradients of convolutions, so this backend
 * samples and does not train.
 */
export const tfjsWasm: Plugin<'backend', NoOptions, NoOptions> = definePlugin({
  kind: 'backend',
  use: '@lapyra/backend-tfjs#tfjsWasm',
  summary: 'TensorFlow.js on WebAssembly: samples, does not train.',
  options: v.strictObject({}),
  create: () =>
    createTfjsBackend({
      id: 'tfjs-wasm',
      priority: 20,
      can: ['sample'],
      tested: true,
      backendName: 'wasm',
      load: loadWasm,
      packageName: PACKAGE,
      fix: `npm install ${PACKAGE}@4.22.0, with a Node that has WebAssembly`,
    }),
});

async function loadWasm(): Promise<string> {
  const { setWasmPaths, version_wasm } = await import('@tensorflow/tfjs-backend-wasm');
  if (!engine().registry['wasm']) {
    // Left alone, the module looks for its binaries beside the script that was started.
    const folder = dirname(createRequire(import.meta.url).resolve(PACKAGE));
    setWasmPaths(folder + sep);
  }
  return `${processorName()}, WebAssembly, tfjs ${version_wasm}`;
}
