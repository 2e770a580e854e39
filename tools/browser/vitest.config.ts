import { project } from '../../vitest.base.js';

export default project(import.meta.url, {
  include: ['test/*.test.mjs'],
  testTimeout: 120_000,
  hookTimeout: 120_000,
});
