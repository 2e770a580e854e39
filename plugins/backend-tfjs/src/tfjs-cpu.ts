import '@tensorflow/tfjs-backend-cpu';
import { definePlugin, type Plugin } from '@lapyra/core';
import { version_core } from '@tensorflow/tfjs-core';
import * as v from 'valibot';
import { createTfjsBackend, processorName } from './tfjs-backend.js';

/** Options of the plugins of this package: none. */
export type NoOptions = Record<never, never>;

/**
 * Plain JavaScript, in one thread: slow, exact, always there. The engine that others are compared with.
 */
export const tfjsCpu: Plugin<'backend', NoOptions, NoOptions> = definePlugin({
  kind: 'backend',
  use: '@lapyra/backend-tfjs#tfjsCpu',
  summary: 'TensorFlow.js in plain JavaScript: slow and exact, to compare other backends with.',
  options: v.strictObject({}),
  create: () =>
    createTfjsBackend({
      id: 'tfjs-cpu',
      priority: 10,
      can: ['train', 'sample'],
      tested: true,
      backendName: 'cpu',
      load: async () => `${processorName()}, plain JavaScript, tfjs ${version_core}`,
      fix: () => 'npm ls @tensorflow/tfjs-core, then npm dedupe',
    }),
});
