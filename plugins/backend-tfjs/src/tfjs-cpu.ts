import '@tensorflow/tfjs-backend-cpu';
import { definePlugin, type Plugin } from '@lapyra/core';
import { env, scalar, version_core } from '@tensorflow/tfjs-core';
import * as v from 'valibot';
import { createTfjsBackend, processorName } from './tfjs-backend.js';

/** Options of the plugins of this package: none. */
export type NoOptions = Readonly<Record<string, never>>;

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
      start: withoutGreeting,
      fix: 'npm ls @tensorflow/tfjs-core, then npm dedupe',
    }),
});

/** At its first tensor this backend advertises tfjs-node on the console, unless tfjs is in production mode. */
function withoutGreeting(): void {
  const before = env().getBool('PROD');
  env().set('PROD', true);
  scalar(0).dispose();
  env().set('PROD', before);
}
