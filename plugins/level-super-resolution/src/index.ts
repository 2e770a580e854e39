export { superResolve } from './super-resolve.js';
export type {
  DiscriminatorOptions,
  GeneratorOptions,
  LossOptions,
  SuperResolveInput,
  SuperResolveOptions,
} from './super-resolve-options.js';
