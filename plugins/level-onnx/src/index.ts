export { generate } from './generate.js';
export type { GenerateInput, GenerateOptions } from './generate-options.js';
export { upscale } from './upscale.js';
export type { UpscaleInput, UpscaleOptions } from './upscale-options.js';
export type { Colours, Layout, PixelRange } from './file-format.js';
