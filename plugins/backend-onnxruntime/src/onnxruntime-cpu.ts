import { definePlugin, type Plugin } from '@lapyra/core';
import * as v from 'valibot';
import { loadOnnxRuntimeNode, NODE_PACKAGE } from './load-onnxruntime-node.js';
import { createOrtBackend } from './ort-backend.js';
import { type OrtLibrary, sessionOptions } from './ort-library.js';
import { allowedProcessors, pinnedThreads } from './pinned-threads.js';

/** Options of the plugins of this package: none. */
export type NoOptions = Readonly<Record<string, never>>;

/** ONNX Runtime on the processor, under Node: trains, samples, reads and writes ONNX files. */
export const onnxruntimeCpu: Plugin<'backend', NoOptions, NoOptions> = definePlugin({
  kind: 'backend',
  use: '@lapyra/backend-onnxruntime#onnxruntimeCpu',
  summary: 'ONNX Runtime on the processor: trains and samples, reads and writes ONNX files.',
  options: v.strictObject({}),
  create: () =>
    createOrtBackend({
      id: 'onnxruntime-cpu',
      priority: 100,
      can: ['train', 'sample', 'onnx', 'export'],
      packageName: NODE_PACKAGE.name,
      load: loadNode,
      install: NODE_PACKAGE.install,
      fix: NODE_PACKAGE.fix,
    }),
});

async function loadNode(threads: number | undefined): Promise<OrtLibrary> {
  const ort = await loadOnnxRuntimeNode('cpu', NODE_PACKAGE.fix);
  // Not by an import, which bundlers for browsers would look for in vain.
  const { cpus } = process.getBuiltinModule('node:os');
  const processor = cpus()[0]?.model.trim() || process.arch;
  return {
    ort,
    device: `${processor}, ONNX Runtime ${ort.env.versions.node ?? ''}`.trim(),
    sessionOptions: pinnedThreads(sessionOptions('cpu', threads), allowedProcessors()),
  };
}
