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
