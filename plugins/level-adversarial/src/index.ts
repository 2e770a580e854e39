export { dense } from './dense.js';
export type { DenseInput, DenseOptions } from './dense-options.js';
export { refine } from './refine.js';
export type { RefineInput, RefineOptions } from './refine-options.js';
export type {
  AdamOptions,
  BatchOptions,
  DiscriminatorLayer,
  SgdOptions,
  TrainingInput,
  TrainingOptions,
} from '@lapyra/gan';
export { denseRefine } from './dense-refine.js';
export type { DenseRefineInput, DenseRefineOptions } from './dense-refine-options.js';
export { lsunRefine } from './lsun-refine.js';
export type { LsunRefineInput, LsunRefineOptions } from './lsun-refine-options.js';
