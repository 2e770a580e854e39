export { dense } from './dense.js';
export type { DenseInput, DenseOptions } from './dense-options.js';
export { refine } from './refine.js';
export type { DiscriminatorLayer, RefineInput, RefineOptions } from './refine-options.js';
export type {
  AdamOptions,
  BatchOptions,
  SgdOptions,
  TrainingInput,
  TrainingOptions,
} from '@lapyra/gan';
