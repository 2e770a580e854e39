export { classDense } from './class-dense.js';
export type { ClassDenseInput, ClassDenseOptions } from './class-dense-options.js';
export { classRefine } from './class-refine.js';
export type { ClassRefineInput, ClassRefineOptions } from './class-refine-options.js';
