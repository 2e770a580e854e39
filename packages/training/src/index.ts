export { openImageStore } from './image-store.js';
export type { ImageStore, ImageStoreOptions } from './image-store.js';
export type { ImageSplit } from './image-splits.js';
export { openCaptionStore } from './caption-store.js';
export type { CaptionStore, CaptionStoreOptions } from './caption-store.js';
export { writeCaptionStore } from './write-caption-store.js';
export type { WriteCaptionStoreOptions } from './write-caption-store.js';
export { writeImageStore } from './write-image-store.js';
export type { WriteImageStoreOptions } from './write-image-store.js';
export {
  checkpointSteps,
  loadBestCheckpoint,
  loadLastCheckpoint,
  saveCheckpoint,
} from './checkpoint.js';
export type { Checkpoint, CheckpointRecord, LoadedCheckpoint } from './checkpoint.js';
export { takeOverLevel } from './take-over-level.js';
export { onDisk, writeJsonDurably } from './durable-file.js';
export type { RetryState } from './retry-state.js';
export { bestScore } from './score-record.js';
export type { ScoreRecord } from './score-record.js';
export { isLockAlive, lockStatus, readLockOwner, takeLevelLock } from './level-lock.js';
export type { LevelLock, LockOwner, LockStatus } from './level-lock.js';
export { createRun, levelPaths, openRun, runPaths, writeWhitening } from './run-folder.js';
export type { CreatedRun, LevelPaths, OpenedRun, RunManifest, RunPaths } from './run-folder.js';
export { levelIntervals } from './level-job.js';
export type { LevelJob } from './level-job.js';
export type {
  Baselines,
  DivergenceReport,
  LevelEvent,
  LevelOutcome,
  LevelPhase,
  NearestScores,
} from './level-event.js';
export { createConditionReader } from './condition-reader.js';
export type { ConditionReader } from './condition-reader.js';
export { loadCoarsePool, saveCoarsePool } from './coarse-pool-file.js';
export type { CoarsePoolRecord } from './coarse-pool-file.js';
export { mayMix } from './coarse-mixing.js';
export type { CoarseMixing, CoarsePool } from './coarse-mixing.js';
export { composeStep, WHITENING_STATE } from './compose-step.js';
export type { ComposeOptions } from './compose-step.js';
export { createCropReader } from './crop-reader.js';
export type { CropReader } from './crop-reader.js';
export { createStepInputs } from './step-inputs.js';
export type { StepInputs, StepInputsOptions } from './step-inputs.js';
export { trainLevel } from './train-level.js';
export type { TrainLevelOptions } from './train-level-options.js';
export type { LevelPicture, PictureWriter } from './level-review.js';
export { levelLikelihood } from './level-likelihood.js';
export type { LevelLikelihood, LevelLikelihoodOptions } from './level-likelihood.js';
export { measureLevelNoise } from './statistics/level-noise.js';
export type { LevelNoise, LevelNoiseOptions } from './statistics/level-noise.js';
export type { NoiseVariance } from './statistics/noise-variance.js';
export { measureExposureGap } from './statistics/exposure-gap.js';
export type {
  Estimate,
  ExposureGap,
  ExposureGapOptions,
  LevelGap,
  WholeSamples,
} from './statistics/exposure-gap.js';
export { bandStatistics } from './statistics/band-statistics.js';
export type {
  BandStatistics,
  BandStatisticsOptions,
  LevelStatistics,
  PixelBits,
} from './statistics/band-statistics.js';
export { createLocalExecutor } from './local-executor.js';
export { levelProcess } from './level-process.js';
export type { LevelProcess } from './level-process.js';
export type {
  ExecutorEvent,
  LevelReport,
  LevelTask,
  LocalExecutor,
  LocalExecutorOptions,
} from './local-executor.js';
export { serveLevelJob } from './serve-level-job.js';
export type { ServedJob } from './serve-level-job.js';
