export { diffusion } from './diffusion.js';
export type { DiffusionInput, DiffusionOptions } from './diffusion-options.js';
