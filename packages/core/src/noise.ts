// Noise is a spec, not code: a level says what it wants drawn per image, the host draws it.
import type { Size } from './size.js';
import { elementCount } from './tensor-value.js';

/** `uniform` is on [−1, 1), `normal` has mean 0 and variance 1. */
export type NoiseDistribution = 'uniform' | 'normal';

/** One named tensor of noise: what is drawn per image, each element independent of the others. */
export interface NoiseTensor {
  readonly distribution: NoiseDistribution;
  /** Shape per image, without the batch. */
  readonly shape: readonly number[];
}

/** All noise of a level by name; empty for a level without noise. The level gets `noise.<name>` [B, …shape]. */
export type NoiseSpec = Readonly<Record<string, NoiseTensor>>;

export interface NoiseOptions {
  /** @default 'uniform', as in LAPGAN */
  readonly distribution?: NoiseDistribution;
}

/** The paper's noise of a refining level: one plane [H, W, 1], "a fourth colour plane"; or more. */
export function plane(
  size: Size,
  options: NoiseOptions & { readonly planes?: number } = {},
): NoiseTensor {
  return { distribution: options.distribution ?? 'uniform', shape: [...size, options.planes ?? 1] };
}

/** A vector of `length` variables: constant entropy, whatever the size of the image. */
export function vector(length: number, options: NoiseOptions = {}): NoiseTensor {
  return { distribution: options.distribution ?? 'uniform', shape: [length] };
}

/** The `rank` variables of planes whose covariance has this rank: the level multiplies them by a basis. */
export function lowRank(rank: number, options: NoiseOptions = {}): NoiseTensor {
  return vector(rank, options);
}

/** The few `variables` of planes at whose positions they stand again and again: the level gathers them. */
export function hashed(variables: number, options: NoiseOptions = {}): NoiseTensor {
  return vector(variables, options);
}

/** The number of random variables that a level draws per image. */
export function noiseVariables(noise: NoiseSpec): number {
  return Object.values(noise).reduce((sum, { shape }) => sum + elementCount(shape), 0);
}

/**
 * The differential entropy of a level's noise in bits per image, of what is drawn, whatever the level makes of it: 1 bit
 * for a variable uniform on [−1, 1), ½·log₂(2πe) ≈ 2.047 bits for a standard normal one.
 */
export function entropyBits(noise: NoiseSpec): number {
  let bits = 0;
  for (const { distribution, shape } of Object.values(noise)) {
    bits +=
      elementCount(shape) * (distribution === 'uniform' ? 1 : Math.log2(2 * Math.PI * Math.E) / 2);
  }
  return bits;
}
