export type { LevelRunner } from './level-runner.js';
export { openTrainedLevel } from './trained-level.js';
export type { TrainedLevel } from './trained-level.js';
export { sampleImages, samplePyramid } from './sample-pyramid.js';
export type { LevelImages, SampleOptions } from './sample-pyramid.js';
export { parseExportManifest } from './export-manifest.js';
export type { ExportedFile, ExportedLevel, ExportManifest, FusedFile } from './export-manifest.js';
export { openExportedPyramid, openFusedPyramid } from './exported-pyramid.js';
export type { ExportedPyramid, ReadFile } from './exported-pyramid.js';
