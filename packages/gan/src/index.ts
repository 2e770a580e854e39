export { network } from './network.js';
export type { Network, NetworkInput } from './network.js';
export { noisyNetwork } from './noisy-network.js';
export { noiseDesign, vectorNoise } from './noise-options.js';
export type { NoiseInput } from './noise-options.js';
export type { Adversaries } from './adversaries.js';
export { adversarialSampler } from './adversarial-sampler.js';
export { adversarialTraining } from './adversarial-training.js';
export type { AdversarialOptions, Interpolation } from './adversarial-options.js';
export { adversarialLosses } from '@lapyra/nn';
export type { AdversarialLoss, AdversarialLossName } from '@lapyra/nn';
export type { Augmentation } from './augmentation.js';
export { lowPassTerm, pixelTerm, totalVariationTerm } from './generator-term.js';
export type { DrawnImages, GeneratorTerm } from './generator-term.js';
export { levelOptimiser } from './level-optimiser.js';
export type { LevelOptimiser } from './level-optimiser.js';
export { count, positive, share, trainingEntries, weight } from './training-options.js';
export type {
  AdamOptions,
  BatchOptions,
  SgdOptions,
  TrainingEntries,
  TrainingInput,
  TrainingOptions,
} from './training-options.js';
export { denseDiscriminator, denseGenerator } from './dense-networks.js';
export { denseNetworkEntries } from './dense-network-options.js';
export type {
  DenseDiscriminatorOptions,
  DenseGeneratorOptions,
  DenseNetworkEntries,
  DenseNetworkInput,
  DenseNetworkOptions,
} from './dense-network-options.js';
export { refiningDiscriminator, refiningGenerator } from './refining-networks.js';
export { refiningNetworkEntries } from './refining-network-options.js';
export type {
  DiscriminatorLayer,
  RefiningDiscriminatorOptions,
  RefiningGeneratorOptions,
  RefiningNetworkEntries,
  RefiningNetworkInput,
  RefiningNetworkOptions,
} from './refining-network-options.js';
export { augmentationChoice, augmentationOf } from './augmentation-options.js';
export type { AugmentationChoice } from './augmentation-options.js';
export { marginRule } from './margin-rule.js';
export type { MarginRule } from './margin-rule.js';
