import { existsSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defaultServerConditions } from 'vite';
import { defineProject, type UserWorkspaceConfig } from 'vitest/config';

/**
 * Packages some of whose tests change for good what a process has one of: tfjs's backends, kernels and gradients, or the
 * state of a native engine or of memory. Run by themselves, each of their test files has a process of its own. Those of the other
 * packages share one and its modules, since starting and importing takes most of the time of a small file.
 */
export const apart: readonly string[] = [
  'packages/tfjs-onnx',
  'plugins/backend-onnxruntime',
  'plugins/backend-tfjs',
  'tools/webgpu',
];

/** The test files that do so. In the run of all tests the other files of those packages share processes, too. */
export const alone: readonly string[] = [
  'packages/tfjs-onnx/src/gradients/registry.test.ts',
  'packages/tfjs-onnx/src/onnx/hide-sizes.test.ts',
  'packages/tfjs-onnx/src/tracer/trace.test.ts',
  'packages/tfjs-onnx/test/{examples,lazy-*,readme,register-lowering,webgpu}.test.ts',
  'plugins/backend-onnxruntime/src/{device-engine,host-memory,pinned-threads}.test.ts',
  'plugins/backend-onnxruntime/test/{load,probes,webgpu-conformance}.test.ts',
  'plugins/backend-tfjs/{src,test}/**/*.test.ts',
];

/** The driver file of SwiftShader, Vulkan in software, as Debian's chromium package has it. */
const SWIFTSHADER = '/usr/lib/chromium/vk_swiftshader_icd.json';

/** Tests on WebGPU compute with the driver that the environment names, else with SwiftShader, else with what the machine has. */
const { VK_DRIVER_FILES, VK_ICD_FILENAMES } = process.env;
const inSoftware = !VK_DRIVER_FILES && !VK_ICD_FILENAMES && existsSync(SWIFTSHADER);

/** Settings that hold for a run of one package and for a run of all. Native addons want processes, not threads. */
export const common = {
  pool: 'forks',
  isolate: false,
  maxWorkers: 2,
  restoreMocks: true,
  unstubEnvs: true,
  testTimeout: 30_000,
  hookTimeout: 30_000,
  env: inSoftware ? { VK_ICD_FILENAMES: SWIFTSHADER } : {},
} as const;

/** The test project of one package: workspace packages resolve to their sources. */
export function project(url: string, test: UserWorkspaceConfig['test'] = {}): UserWorkspaceConfig {
  const root = dirname(fileURLToPath(url));
  return projectIn(root, {
    name: basename(root),
    isolate: apart.some((folder) => basename(folder) === basename(root)),
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
    ...test,
  });
}

/** A test project of the files below a folder. */
export function projectIn(
  root: string,
  test: NonNullable<UserWorkspaceConfig['test']>,
): UserWorkspaceConfig {
  const conditions = ['@lapyra/source', ...defaultServerConditions];
  return defineProject({
    root,
    resolve: { conditions },
    ssr: { resolve: { conditions, externalConditions: conditions } },
    test: { ...common, environment: 'node', ...test },
  });
}

/** Keeps tfjs from advertising its native backend in the tests' output. */
export const withoutAdvert = (log: string): boolean | undefined =>
  log.includes('looks like you are running TensorFlow.js in Node.js') ? false : undefined;
