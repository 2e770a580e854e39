import { definePlugin, type Plugin } from '@lapyra/core';
import * as v from 'valibot';
import { inNode } from './in-node.js';
import { loadOnnxRuntimeNode, NODE_PACKAGE } from './load-onnxruntime-node.js';
import { openAdapter } from './open-adapter.js';
import type { NoOptions } from './onnxruntime-cpu.js';
import { createOrtBackend } from './ort-backend.js';
import { type OrtLibrary, sessionOptions } from './ort-library.js';

/**
 * ONNX Runtime on a graphics card through WebGPU, under Node and in browsers: trains, samples, reads and writes ONNX files.
 * The state of a training stays on the card from step to step. Under Node it takes onnxruntime-node, in a browser
 * onnxruntime-web.
 */
export const onnxruntimeWebgpu: Plugin<'backend', NoOptions, NoOptions> = definePlugin({
  kind: 'backend',
  use: '@lapyra/backend-onnxruntime#onnxruntimeWebgpu',
  summary: 'ONNX Runtime on a graphics card, by WebGPU: trains, samples, reads, writes ONNX files.',
  options: v.strictObject({}),
  create: () =>
    createOrtBackend({
      id: 'onnxruntime-webgpu',
      // Below the processor: a driver that computes in software cannot be told from a card on every system, and is a
      // hundred times slower.
      priority: 20,
      can: ['train', 'sample', 'onnx', 'export'],
      packageName: NODE_PACKAGE.name,
      load: loadWebGpu,
      install: NODE_PACKAGE.install,
      fix: NODE_PACKAGE.fix,
    }),
});

async function loadWebGpu(threads: number | undefined): Promise<OrtLibrary> {
  if (!inNode) {
    const { loadBrowserWebGpu } = await import('./load-browser-webgpu.js');
    return loadBrowserWebGpu(threads ?? 1);
  }
  const ort = await loadOnnxRuntimeNode('webgpu', 'Use onnxruntime-cpu.');
  // The processor's part of a step is small: its threads would only wait.
  const options = sessionOptions('webgpu', threads ?? 1);
  const adapter = await openAdapter(ort, options);
  return {
    ort,
    device: `WebGPU by ${adapter}, ONNX Runtime ${ort.env.versions.node ?? ''}`.trim(),
    sessionOptions: options,
    onDevice: true,
  };
}
