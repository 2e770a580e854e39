export { textFirst } from './text-first.js';
export { textRefine } from './text-refine.js';
export type {
  DiscriminatorOptions,
  StyleOptions,
  TextFirstInput,
  TextFirstOptions,
  TextOptions,
  TextRefineInput,
  TextRefineOptions,
} from './options.js';
