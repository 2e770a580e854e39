export { cifar10 } from './cifar10.js';
export type { Cifar10Options, Cifar10Settings } from './cifar10.js';
export { CIFAR10_CLASSES } from './publication.js';
export type { Cifar10Class } from './publication.js';
export type { Cifar10Source } from './obtain-folder.js';
