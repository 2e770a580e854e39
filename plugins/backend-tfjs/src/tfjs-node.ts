// TensorFlow's native library behind tfjs. The authors of this package have not been able to run it: see the README.
import util from 'node:util';
import { definePlugin, LapyraError, type Plugin, type Backend } from '@lapyra/core';
import { assertOneTfjsCore } from '@lapyra/tfjs-onnx/gradients';
import type { KernelBackend } from '@tensorflow/tfjs-core';
import * as v from 'valibot';
import { startBackend } from './on-backend.js';
import { createTfjsBackend, processorName } from './tfjs-backend.js';
import type { NoOptions } from './tfjs-cpu.js';

/** What is used of `@tensorflow/tfjs-node` and `@tensorflow/tfjs-node-gpu`: importing them registers a tfjs backend. */
export interface TfjsNodeModule {
  readonly Tensor: unknown;
  readonly Environment: unknown;
  readonly version: Readonly<Record<string, string>>;
}

export interface TfjsNodeDefinition {
  readonly id: string;
  readonly priority: number;
  readonly packageName: string;
  /** Whether a device other than the processor is wanted. */
  readonly gpu: boolean;
  load(): Promise<unknown>;
}

/** TensorFlow's native library on the processor, if the user has installed `@tensorflow/tfjs-node`. */
export const tfjsNode: Plugin<'backend', NoOptions, NoOptions> = definePlugin({
  kind: 'backend',
  use: '@lapyra/backend-tfjs#tfjsNode',
  summary:
    "TensorFlow's native library on the processor (needs @tensorflow/tfjs-node; not run by the authors).",
  options: v.strictObject({}),
  create: () =>
    createTfjsNodeBackend({
      id: 'tfjs-node',
      priority: 50,
      packageName: '@tensorflow/tfjs-node',
      gpu: false,
      load: () => import(named('@tensorflow/tfjs-node')),
    }),
});

/** TensorFlow's native library on a CUDA device, if the user has installed `@tensorflow/tfjs-node-gpu`. */
export const tfjsNodeGpu: Plugin<'backend', NoOptions, NoOptions> = definePlugin({
  kind: 'backend',
  use: '@lapyra/backend-tfjs#tfjsNodeGpu',
  summary:
    "TensorFlow's native library on CUDA (needs @tensorflow/tfjs-node-gpu; not run by the authors).",
  options: v.strictObject({}),
  create: () =>
    createTfjsNodeBackend({
      id: 'tfjs-node-gpu',
      priority: 60,
      packageName: '@tensorflow/tfjs-node-gpu',
      gpu: true,
      load: () => import(named('@tensorflow/tfjs-node-gpu')),
    }),
});

/** The path that both packages share. */
export function createTfjsNodeBackend(definition: TfjsNodeDefinition): Backend {
  const { id, priority, packageName, gpu, load } = definition;
  return createTfjsBackend({
    id,
    priority,
    can: ['train', 'sample'],
    tested: false,
    backendName: BACKEND,
    load: async () => {
      mendNode23();
      const module = unwrapped(await load());
      assertOneTfjsCore(module);
      const backend = (await startBackend(BACKEND)) as NativeBackend;
      if (gpu && !backend.isUsingGpuDevice) {
        throw new LapyraError(
          'LAPYRA_BACKEND_DEVICE',
          `${id}: expected TensorFlow to use a GPU, got the processor.`,
          {
            hint: backend.isGPUPackage
              ? 'TensorFlow 2.9 wants CUDA 11.2 and cuDNN 8.1.'
              : 'Another build of TensorFlow was loaded in this process first: use one of the two.',
          },
        );
      }
      const versions = module.version;
      const version = versions[packageName.split('/')[1]!] ?? versions['tfjs-node'] ?? '';
      return `${backend.isUsingGpuDevice ? 'GPU' : processorName()}, TensorFlow, tfjs-node ${version}`.trim();
    },
    packageName,
    fix: `npm rebuild ${packageName} --build-addon-from-source`,
  });
}

const BACKEND = 'tensorflow';

interface NativeBackend extends KernelBackend {
  readonly isGPUPackage?: boolean;
  readonly isUsingGpuDevice?: boolean;
}

/**
 * tfjs-node 4.22 calls `util.isNullOrUndefined`, which Node 23 removed. The mend upstream was never released
 * (github.com/tensorflow/tfjs, issue 8609).
 */
function mendNode23(): void {
  const patched = util as { isNullOrUndefined?: (value: unknown) => boolean };
  patched.isNullOrUndefined ??= (value) => value === null || value === undefined;
}

/** A CommonJS module arrives as `default`, with only those names beside it that Node could find by reading. */
function unwrapped(module: unknown): TfjsNodeModule {
  const { default: whole } = module as { default?: TfjsNodeModule };
  return whole ?? (module as TfjsNodeModule);
}

/** Keeps compilers and bundlers from resolving a package that most people do not install. */
function named(packageName: string): string {
  return packageName;
}
