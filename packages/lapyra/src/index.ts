export { defineConfig } from './define-config.js';
export { LapyraError } from '@lapyra/core';
export type {
  DataConfig,
  Descriptor,
  LapyraErrorCode,
  LevelConfig,
  PyramidConfig,
  Size,
  SizeLike,
  WhiteningKind,
} from '@lapyra/core';
// What the commands do, for programs of one's own.
export {
  diagnose,
  drawSamples,
  exportRun,
  noiseReport,
  planPyramid,
  previewData,
  runStatus,
  trainRun,
} from '@lapyra/runtime';
export type {
  Diagnosis,
  ExportRequest,
  ExportResult,
  LevelNoiseReport,
  LevelSamples,
  LevelStatus,
  NoiseReport,
  NoiseRequest,
  OpenConfigOptions,
  Plan,
  PlannedLevel,
  Preview,
  PreviewedLevel,
  PreviewPicture,
  PreviewRequest,
  RunStatus,
  SampleRequest,
  Samples,
  TrainedLevelReport,
  TrainHooks,
  TrainRequest,
  TrainResult,
  WorkHooks,
} from '@lapyra/runtime';
