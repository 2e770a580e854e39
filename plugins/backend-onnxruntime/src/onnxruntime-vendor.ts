// Providers that belong to one maker's cards or system. Their sessions are made like the processor's, but none of them has
// been run by us: there was no machine that has one.
import { definePlugin, type Plugin } from '@lapyra/core';
import type * as OnnxRuntimeNode from 'onnxruntime-node';
import * as v from 'valibot';
import { identityModel } from './identity-model.js';
import { loadOnnxRuntimeNode, NODE_PACKAGE } from './load-onnxruntime-node.js';
import type { NoOptions } from './onnxruntime-cpu.js';
import { createOrtBackend } from './ort-backend.js';
import { type OrtLibrary, sessionOptions } from './ort-library.js';
import { UnavailableError } from './unavailable-error.js';

type VendorPlugin = Plugin<'backend', NoOptions, NoOptions>;

/** ONNX Runtime on NVIDIA's cards by CUDA 12, under Node on Linux; not run by us. */
export const onnxruntimeCuda: VendorPlugin = vendor({
  name: 'onnxruntimeCuda',
  id: 'onnxruntime-cuda',
  provider: 'cuda',
  system: 'CUDA on NVIDIA cards',
  needs:
    'Linux x64, CUDA 12, cuDNN 9 and the provider’s library: npm install onnxruntime-node --onnxruntime-node-install=cuda12. On the same card without them: onnxruntime-webgpu',
});

/** ONNX Runtime on Windows by DirectML; not run by us. */
export const onnxruntimeDirectml: VendorPlugin = vendor({
  name: 'onnxruntimeDirectml',
  id: 'onnxruntime-directml',
  provider: 'dml',
  system: 'DirectML on Windows',
  needs: 'Windows and a card with DirectX 12. Elsewhere: onnxruntime-webgpu',
});

/** ONNX Runtime on Apple's processors by Core ML; not run by us. */
export const onnxruntimeCoreml: VendorPlugin = vendor({
  name: 'onnxruntimeCoreml',
  id: 'onnxruntime-coreml',
  provider: 'coreml',
  system: 'Core ML on macOS',
  needs: 'macOS on Apple’s processors. Elsewhere: onnxruntime-webgpu',
});

interface Vendor {
  readonly name: string;
  readonly id: string;
  readonly provider: 'cuda' | 'dml' | 'coreml';
  readonly system: string;
  readonly needs: string;
}

function vendor({ name, id, provider, system, needs }: Vendor): VendorPlugin {
  return definePlugin({
    kind: 'backend',
    use: `@lapyra/backend-onnxruntime#${name}`,
    summary: `ONNX Runtime by ${system}; never run by us.`,
    options: v.strictObject({}),
    create: () =>
      createOrtBackend({
        id,
        priority: 1,
        can: ['train', 'sample', 'onnx', 'export'],
        tested: false,
        packageName: NODE_PACKAGE.name,
        load: (threads) => load(provider, system, needs, threads),
        install: NODE_PACKAGE.install,
        fix: needs,
      }),
  });
}

async function load(
  provider: Vendor['provider'],
  system: string,
  needs: string,
  threads: number | undefined,
): Promise<OrtLibrary> {
  const ort = await loadOnnxRuntimeNode(provider, needs);
  if (provider === 'cuda' && !hasCudaLibrary())
    throw new UnavailableError('libonnxruntime_providers_cuda.so is not installed', needs);
  const options = sessionOptions(provider, threads);
  await tryOut(ort, options);
  return {
    ort,
    device: `${system}, ONNX Runtime ${ort.env.versions.node ?? ''}`.trim(),
    sessionOptions: options,
  };
}

async function tryOut(
  ort: typeof OnnxRuntimeNode,
  options: OrtLibrary['sessionOptions'],
): Promise<void> {
  const session = await ort.InferenceSession.create(identityModel('float32'), options);
  await session.release();
}

/** Asked of the disk: where it is missing, the attempt to load it writes to the terminal. */
function hasCudaLibrary(): boolean {
  const { createRequire } = process.getBuiltinModule('node:module');
  const { existsSync } = process.getBuiltinModule('node:fs');
  const { dirname, join } = process.getBuiltinModule('node:path');
  const folder = dirname(
    createRequire(import.meta.url).resolve(`${NODE_PACKAGE.name}/package.json`),
  );
  const { platform, arch } = process;
  const library = join('bin/napi-v6', platform, arch, 'libonnxruntime_providers_cuda.so');
  return existsSync(join(folder, library));
}
