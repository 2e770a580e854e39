export { patches } from './patches.js';
export type { PatchInput, PatchOptions } from './patch-options.js';
