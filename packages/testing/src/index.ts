export { expectClose, expectCloseInNorm } from './expect-close.js';
export type { Closeness, Numbers } from './expect-close.js';
export { finiteDifference } from './finite-difference.js';
export type { FiniteDifferenceOptions } from './finite-difference.js';
