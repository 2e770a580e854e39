import { definePlugin, type Plugin } from '@lapyra/core';
import type * as OnnxRuntimeNode from 'onnxruntime-node';
import * as v from 'valibot';
import { createOrtBackend } from './ort-backend.js';
import { type OrtLibrary, sessionOptions } from './ort-library.js';

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
      packageName: PACKAGE,
      load: loadNode,
      // Its install script fetches CUDA libraries, and where it cannot the whole install fails.
      install: `npm install ${PACKAGE} (without access to its GPU libraries: ${SKIP} npm install ${PACKAGE})`,
      fix: `${SKIP} npm install ${PACKAGE}`,
    }),
});

const PACKAGE = 'onnxruntime-node';
const SKIP = 'ONNXRUNTIME_NODE_INSTALL=skip';

async function loadNode(threads: number | undefined): Promise<OrtLibrary> {
  // By a variable, so that bundlers for browsers let the name be.
  const name: string = PACKAGE;
  const ort = (await import(/* @vite-ignore */ name)) as typeof OnnxRuntimeNode;
  if (!ort.listSupportedBackends().some((provider) => provider.name === 'cpu'))
    throw new Error(`${PACKAGE} has no provider for this processor`);
  // Not by an import, which bundlers for browsers would look for in vain.
  const { cpus } = process.getBuiltinModule('node:os');
  const processor = cpus()[0]?.model.trim() || process.arch;
  return {
    ort,
    device: `${processor}, ONNX Runtime ${ort.env.versions.node ?? ''}`.trim(),
    sessionOptions: sessionOptions('cpu', threads),
  };
}
