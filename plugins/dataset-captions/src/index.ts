export { captions } from './captions.js';
export type { CaptionsOptions } from './captions.js';
export type { CaptionsSettings } from './settings.js';
