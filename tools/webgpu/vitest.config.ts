import { project } from '../../vitest.base.js';

export default project(import.meta.url, { include: ['test/*.test.mjs'] });
