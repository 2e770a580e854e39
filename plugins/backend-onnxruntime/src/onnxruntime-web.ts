import { definePlugin, type Plugin } from '@lapyra/core';
import * as v from 'valibot';
import { inNode } from './in-node.js';
import type { NoOptions } from './onnxruntime-cpu.js';
import { createOrtBackend } from './ort-backend.js';
import { type OrtLibrary, sessionOptions } from './ort-library.js';

/** ONNX Runtime as WebAssembly, in browsers and under Node: trains, samples, reads and writes ONNX files. */
export const onnxruntimeWeb: Plugin<'backend', NoOptions, NoOptions> = definePlugin({
  kind: 'backend',
  use: '@lapyra/backend-onnxruntime#onnxruntimeWeb',
  summary:
    'ONNX Runtime as WebAssembly, in browsers and under Node: trains, samples, reads and writes ONNX files.',
  options: v.strictObject({}),
  create: () =>
    createOrtBackend({
      id: 'onnxruntime-web',
      priority: 30,
      can: ['train', 'sample', 'onnx', 'export'],
      packageName: 'onnxruntime-web',
      install: 'npm install onnxruntime-web',
      load: loadWeb,
      fix: 'npm install onnxruntime-web, and a Node or browser that has WebAssembly with SIMD',
    }),
});

async function loadWeb(threads: number | undefined): Promise<OrtLibrary> {
  const ort = await import('onnxruntime-web/wasm');
  // The whole process has one WebAssembly module: the first session settles its threads. Under Node worker threads would
  // keep the process from ending, so there it is one.
  const wanted = threads ?? (inNode ? 1 : undefined);
  if (wanted !== undefined) ort.env.wasm.numThreads = wanted;
  return {
    ort,
    device: `WebAssembly, ONNX Runtime ${ort.env.versions.web ?? ''}`.trim(),
    sessionOptions: sessionOptions('wasm', undefined),
  };
}
