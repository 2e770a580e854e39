export { LapyraError } from './error.js';
export type { LapyraErrorCode, LapyraErrorOptions } from './error.js';
export { parseSizeName, sameSize, sizeName, toSize } from './size.js';
export type { Size, SizeLike } from './size.js';
export { elementCount } from './tensor-value.js';
export type { DType, TensorValue, TensorValues, TypedData } from './tensor-value.js';
export { decodeSafetensors, encodeSafetensors } from './safetensors.js';
export type { InputSpec, ProgramResult, TensorProgram, Tensors } from './tensor-program.js';
export { conditionWidth } from './condition.js';
export type { ConditionSpec } from './condition.js';
export { entropyBits, hashed, lowRank, noiseVariables, plane, vector } from './noise.js';
export type { NoiseDistribution, NoiseOptions, NoiseSpec, NoiseTensor } from './noise.js';
export { noiseSpec } from './noise-design.js';
export type {
  HashedNoise,
  LowRankNoise,
  NoiseDesign,
  NoNoise,
  PlaneNoise,
  VectorNoise,
} from './noise-design.js';
export type { LevelPlace, PixelScale } from './place.js';
export type { Draw, DrawPart, RandomInput } from './draw.js';
export type { StateRole, StateTensor, Initial } from './state-tensor.js';
export type {
  Critic,
  LevelNetwork,
  ScheduledScalar,
  ScoreId,
  StepClock,
  StepProgram,
  StepTraining,
} from './step-training.js';
export type { FitContext, HostTraining, LevelData, WorkContext } from './host-training.js';
export type { HostSampler, Level, OpenHostSampler } from './level.js';
export { hostSampler } from './host-sampler.js';
export { levelProgram } from './level-program.js';
export type {
  Backend,
  Capability,
  CompiledProgram,
  Engine,
  EngineOptions,
  EngineState,
  ExportOptions,
  LoadedModel,
  ModelPort,
  Probe,
  ProgramCost,
  StateOptions,
} from './engine.js';
export { checkProgram, chosenNames, inputPorts, statePorts } from './border/check-program.js';
export { checkProgramResult } from './border/check-program-result.js';
export { checkInputs, checkStatePart, checkTensorValue } from './border/check-values.js';
export { disposedError, engineError } from './border/engine-error.js';
export { insideType } from './border/tensor-port.js';
export type { TensorPort, TensorPorts } from './border/tensor-port.js';
export { imageBatch } from './image-batch.js';
export type { ImageBatch } from './image-batch.js';
export type {
  LevelViews,
  PlainTransform,
  Resample,
  TensorTransform,
  Transform,
  WhiteningTensors,
} from './transform.js';
export type { CaptionBatch, OpenCaptions } from './captions.js';
export type { Dataset, DatasetBatch, DatasetContext, OpenDataset } from './dataset.js';
export { checkFeatures } from './check-features.js';
export type { FeatureNet } from './features.js';
export type { EncodeContext, TextEncoder } from './text-encoder.js';
export { assertJson, parseReference } from './descriptor.js';
export type { Descriptor, Json, PluginReference } from './descriptor.js';
export { CONTRACT, definePlugin, isPlugin } from './plugin.js';
export type {
  GivenFile,
  MadeParts,
  Plugin,
  PluginDefinition,
  PluginKind,
  PluginKinds,
  PluginParts,
} from './plugin.js';
export type {
  ConditionConfig,
  DataConfig,
  LevelConfig,
  PyramidConfig,
  SwappedLevelConfig,
  TrainedLevelConfig,
  WhiteningKind,
} from './config.js';
export { randomStream } from './random/random-stream.js';
export type { RandomStream } from './random/random-stream.js';
export { drawNoise, drawNoiseByImage } from './random/draw-noise.js';
export { hashPositions } from './random/hash-positions.js';
export type { HashedPositions } from './random/hash-positions.js';
export { orthonormalRows } from './random/orthonormal-rows.js';
export { boxBilinearTransform } from './transforms/box-bilinear.js';
export { burtAdelsonTransform } from './transforms/burt-adelson.js';
export { haarBand, haarCoefficients, haarTransform } from './transforms/haar.js';
export { plainViews, transformGain } from './transforms/plain-views.js';
export { axisMatrix } from './transforms/axis-weights.js';
export type { AxisWeights } from './transforms/axis-weights.js';
export type { Resampling } from './transforms/resample.js';
export type { SeparableTransform } from './transforms/separable-transform.js';
export { loadWhitening, storeWhitening, whiteningTensors } from './whitening/whitening.js';
export type { StoredWhitening, Whitening } from './whitening/whitening.js';
export { pixelScale } from './whitening/pixel-scale.js';
export { measureWhitening } from './whitening/measure-whitening.js';
export { dewhiten, whiten } from './whitening/whiten.js';
export { stretch } from './whitening/stretch.js';
export { countParameters, initialState } from './initial-state.js';
export { nearestName } from './nearest-name.js';
export { quoteNames } from './quote-names.js';
export { conditionName, fitSignature, normalisationName } from './fit-signature.js';
export type { FitPyramid, FitSignature, ImageTerms } from './fit-signature.js';
export { checkFit } from './check-fit.js';
export { checkLevel } from './check-level.js';
