import { project } from '../../vitest.base.js';

export default project(import.meta.url, {
  globalSetup: ['test/build-packages.ts', 'test/train-once.ts'],
  testTimeout: 120_000,
  hookTimeout: 120_000,
});
