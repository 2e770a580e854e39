export { inference, partsThrough, stateless } from './module.js';
export type { Module, ModuleContext, ModuleOf, StateSpec } from './module.js';
export { heNormal, normal, ones, torchDefault, xavierUniform, zeros } from './initial.js';
export type { LayerInitial } from './initial.js';
export { linear } from './linear.js';
export type { LinearOptions } from './linear.js';
export { conv2d } from './conv2d.js';
export type { Conv2dOptions } from './conv2d.js';
export { convTranspose2d } from './conv-transpose2d.js';
export type { ConvTranspose2dOptions } from './conv-transpose2d.js';
export { batchNorm } from './batch-norm.js';
export type { BatchNormOptions } from './batch-norm.js';
export { dropout } from './dropout.js';
export type { DropoutOptions } from './dropout.js';
export { spectralNorm } from './spectral-norm.js';
export type { SpectralNormOptions } from './spectral-norm.js';
export { differentiableAugmentation, paperAugmentation } from './differentiable-augmentation.js';
export type { AugmentationOptions } from './differentiable-augmentation.js';
export { featureLpPool } from './feature-lp-pool.js';
export type { FeatureLpPoolOptions } from './feature-lp-pool.js';
export { elu, leakyRelu, prelu, relu, sigmoid, softplus, tanh } from './activations.js';
export type { PreluOptions } from './activations.js';
export { flatten, reshape } from './reshape.js';
export { pixelShuffle } from './pixel-shuffle.js';
export { upsampleNearest } from './upsample-nearest.js';
export { residual } from './residual.js';
export { sequential } from './sequential.js';
export type { SequentialPart } from './sequential.js';
export { scoped, withoutPrefix, withPrefix } from './scoped.js';
export { adversarialLosses } from './adversarial-loss.js';
export type { AdversarialLoss, AdversarialLossName } from './adversarial-loss.js';
export { jointTraining, tunedStates } from './joint-training.js';
export type { JointLevel, JointTrainingOptions } from './joint-training.js';
export { valueAndGrads } from './value-and-grads.js';
export type { LossWithAux, ValueAndGrads } from './value-and-grads.js';
export { selectRows } from './select-rows.js';
export { stopGradient } from '@lapyra/tfjs-onnx/gradients';
export { bceWithLogits } from './bce-with-logits.js';
export { crossEntropy } from './cross-entropy.js';
export {
  hingeDiscriminator,
  hingeGenerator,
  leastSquares,
  wassersteinCritic,
  wassersteinGenerator,
} from './adversarial-losses.js';
export { gradientPenalty } from './gradient-penalty.js';
export { l1, l2, totalVariation } from './pixel-losses.js';
export { squaredDistances } from './squared-distances.js';
export { pick, trainable } from './optimiser.js';
export type { Optimiser, OptimiserResult, OptimiserStep } from './optimiser.js';
export { sgd } from './sgd.js';
export type { SgdOptions, SgdStep } from './sgd.js';
export { adam } from './adam.js';
export type { AdamOptions } from './adam.js';
export { clipByGlobalNorm } from './clip-by-global-norm.js';
export type { ClippedGradients } from './clip-by-global-norm.js';
export { lossTraining } from './loss-training.js';
export type { LossOptimiser, LossTrainingOptions, StepLoss } from './loss-training.js';
export { runningScale } from './running-scale.js';
export type { RunningScale } from './running-scale.js';
export { averageState, averageWeights } from './average-weights.js';
export { blend } from './blend.js';
export { allFinite } from './all-finite.js';
export { commit } from './commit.js';
export type { CommitOptions } from './commit.js';
export {
  asRate,
  constant,
  cosine,
  linearDecay,
  perEpochDivide,
  perEpochRise,
  warmup,
} from './schedules.js';
export type { DecayOptions, PerEpochDivideOptions, PerEpochRiseOptions } from './schedules.js';
export { noisePlanes } from './noise-planes.js';
export type { NoisePlanes } from './noise-planes.js';
export { noiseVector } from './noise-vector.js';
export type { NoiseVector } from './noise-vector.js';
export { fusedPyramid } from './fused-pyramid.js';
export type { FusedPyramid, FusedPyramidOptions, NoiseSlice } from './fused-pyramid.js';
export { separableTensorTransform, transformViews } from './transform-views.js';
export type { TransformParts } from './transform-views.js';
