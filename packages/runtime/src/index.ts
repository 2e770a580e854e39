export { diagnose } from './diagnose.js';
export type { Diagnosis } from './diagnose.js';
export { writing } from './disk-fault.js';
export { drawSamples } from './draw-samples.js';
export type { LevelSamples, SampleRequest, Samples } from './draw-samples.js';
export { enlargePicture } from './enlarge-picture.js';
export type { Enlarged, EnlargeRequest } from './enlarge-picture.js';
export { exportRun } from './export-run.js';
export type { ExportRequest, ExportResult } from './export-run.js';
export { measureLikelihood } from './measure-likelihood.js';
export type {
  LikelihoodRequest,
  LikelihoodResult,
  MeasuredLikelihood,
} from './measure-likelihood.js';
export { noiseReport } from './noise-report.js';
export type { LevelNoiseReport, NoiseReport, NoiseRequest } from './noise-report.js';
export { openConfig, pickLevels } from './open-config.js';
export type { OpenConfig, OpenConfigOptions } from './open-config.js';
export { openTrainedRun } from './open-trained-run.js';
export type { OpenTrainedRunOptions, TrainedRun } from './open-trained-run.js';
export { finetuneRun } from './finetune-run.js';
export type {
  FinetunedLevel,
  FinetuneHooks,
  FinetuneReport,
  FinetuneRequest,
  FinetuneResult,
} from './finetune-run.js';
export { measureGap } from './measure-gap.js';
export type { GapReport, GapRequest } from './measure-gap.js';
export { planPyramid } from './plan.js';
export type { Plan, PlannedLevel } from './plan.js';
export { previewData } from './preview.js';
export type { Preview, PreviewedLevel, PreviewPicture, PreviewRequest } from './preview.js';
export { listPluginPackages } from './plugins/plugin-package.js';
export type { PluginPackage } from './plugins/plugin-package.js';
export { storeImages } from './prepare-data.js';
export type { WorkHooks } from './prepare-data.js';
export { cacheFolder, findProject } from './project.js';
export type { Project } from './project.js';
export { classifyFeatures } from './reuse/classify-features.js';
export type {
  ClassifiedBy,
  ClassifiedFeatures,
  FeaturesRequest,
} from './reuse/classify-features.js';
export { findNeighbours } from './reuse/find-neighbours.js';
export type { Neighbours, NeighboursBy, NeighboursRequest } from './reuse/find-neighbours.js';
export type { NeighboursSummary } from './reuse/neighbours-summary.js';
export type { Neighbour } from './reuse/nearest-vectors.js';
export { runStatus } from './run-status.js';
export type { LevelStatus, RunStatus } from './run-status.js';
export type { TrainedState } from './stored/trained-state.js';
export type { DataShape } from './composition/pyramid.js';
export type {
  LevelOrigin,
  ResolvedConfig,
  ResolvedLevel,
  StoredDescriptor,
} from './config/resolved-config.js';
export { trainRun } from './train-run.js';
export type { LevelEnding } from './level-ending.js';
export type { TrainedLevelReport, TrainHooks, TrainRequest, TrainResult } from './train-run.js';
