export { openImageStore } from './image-store.js';
export type { ImageSplit, ImageStore, ImageStoreOptions } from './image-store.js';
export { writeImageStore } from './write-image-store.js';
export type { WriteImageStoreOptions } from './write-image-store.js';
export { decodeSafetensors, encodeSafetensors } from './safetensors.js';
export {
  checkpointSteps,
  loadBestCheckpoint,
  loadLastCheckpoint,
  saveCheckpoint,
} from './checkpoint.js';
export type { Checkpoint, CheckpointRecord, LoadedCheckpoint } from './checkpoint.js';
export type { RetryState } from './retry-state.js';
export { bestScore } from './score-record.js';
export type { ScoreRecord } from './score-record.js';
export { isLockAlive, readLockOwner, takeLevelLock } from './level-lock.js';
export type { LevelLock, LockOwner } from './level-lock.js';
export { createRun, openRun, runPaths, writeWhitening } from './run-folder.js';
export type { CreatedRun, LevelPaths, OpenedRun, RunManifest, RunPaths } from './run-folder.js';
