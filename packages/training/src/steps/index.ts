export { openLevelSteps } from './level-steps.js';
export type { LevelSteps, LevelStepsOptions } from './level-steps.js';
export type { StepLosses } from './step-runner.js';
export { imagesInMemory } from './step-images.js';
export type { ImagesInMemoryOptions, StepImages } from './step-images.js';
