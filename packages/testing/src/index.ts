export { engineConformance } from './engine-conformance.js';
export type { EngineConformanceOptions } from './engine-conformance.js';
export { expectClose, expectCloseInNorm } from './expect-close.js';
export type { Closeness, Numbers } from './expect-close.js';
export { finiteDifference } from './finite-difference.js';
export type { FiniteDifferenceOptions } from './finite-difference.js';
export { bool, float32, int32, spread, uint8 } from './tensor-values.js';
