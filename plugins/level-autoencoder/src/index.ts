export { denoising } from './denoising.js';
export type { DenoisingInput, DenoisingOptions } from './denoising-options.js';
export { variational } from './variational.js';
export type { VariationalInput, VariationalOptions } from './variational-options.js';
export type { TrainingInput, TrainingOptions } from './training-options.js';
