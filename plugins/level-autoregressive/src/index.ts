export { autoregressive } from './autoregressive.js';
export type { AutoregressiveInput, AutoregressiveOptions } from './autoregressive-options.js';
