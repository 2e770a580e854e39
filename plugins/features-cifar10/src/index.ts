export { cifar10Features } from './cifar10-features.js';
export type { NoOptions } from './cifar10-features.js';
export { CONVOLUTIONS, PIXEL_SCALE } from './convolutions.js';
export type { Convolution } from './convolutions.js';
