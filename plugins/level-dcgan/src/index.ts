export { dcgan } from './dcgan.js';
export type { DcganInput, DcganOptions } from './dcgan-options.js';
