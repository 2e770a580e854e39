import type { DType, TypedData } from './tensor-value.js';

/** What a state tensor is for. Only weights count as parameters; what is frozen is given, and never written. */
export type StateRole = 'weight' | 'statistic' | 'optimiser' | 'average' | 'frozen';

/** How a state tensor begins: drawn by the host, keyed by (seed, level, tensor name). */
export type Initial =
  | { readonly fill: number }
  | { readonly uniform: readonly [low: number, high: number] }
  | { readonly normal: readonly [mean: number, deviation: number] }
  /** The same value as another state tensor. */
  | { readonly copy: string }
  /** Given numbers, row-major: weights that were trained elsewhere. */
  | { readonly values: TypedData };

export interface StateTensor {
  readonly shape: readonly number[];
  readonly role: StateRole;
  readonly initial: Initial;
  /** @default 'float32' */
  readonly dtype?: DType;
}
