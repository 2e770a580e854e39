import { project } from '../../vitest.base.js';

export default project(import.meta.url, {
  include: ['test/*.test.mjs'],
  testTimeout: 180_000,
  hookTimeout: 180_000,
});
