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
  planPyramid,
  runStatus,
  trainRun,
} from '@lapyra/runtime';
export type {
  Diagnosis,
  ExportRequest,
  ExportResult,
  LevelSamples,
  LevelStatus,
  OpenConfigOptions,
  Plan,
  PlannedLevel,
  RunStatus,
  SampleRequest,
  Samples,
  TrainedLevelReport,
  TrainHooks,
  TrainRequest,
  TrainResult,
  WorkHooks,
} from '@lapyra/runtime';
