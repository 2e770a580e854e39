// How a level's noise is laid out over its image: few variables or many, and which positions share them. A design is
// plain data in a config; here it becomes a spec of what is drawn. @lapyra/nn has the expansion to planes.
import { LapyraError } from './error.js';
import {
  hashed,
  lowRank,
  type NoiseDistribution,
  type NoiseSpec,
  type NoiseTensor,
  plane,
  vector,
} from './noise.js';
import { type Size, sizeName } from './size.js';

/** What all designs with noise have. */
interface DrawnNoise {
  /** @default 'uniform', as in LAPGAN */
  readonly distribution: NoiseDistribution;
  /**
   * Where a learned factor on the noise begins; `null`: there is none. From 0 the level itself chooses how much of its
   * noise it uses, as in StyleGAN (Karras et al. 2019). @default null
   */
  readonly gain: number | null;
  /** One factor for each plane (of a vector: for each variable), or one for all. @default 'plane' */
  readonly gainPer: 'plane' | 'all';
}

/** No noise: the level is a function of the image below. */
export interface NoNoise {
  readonly design: 'none';
}

/** The paper's: a variable of its own for each pixel, H·W·planes in all (Denton et al. 2015). */
export interface PlaneNoise extends DrawnNoise {
  readonly design: 'plane';
  /** @default 1 */
  readonly planes: number;
}

/** A vector whose variables each fill a plane of their own, as in BicycleGAN (Zhu et al. 2017); a first level takes it as it is. */
export interface VectorNoise extends DrawnNoise {
  readonly design: 'vector';
  /** Number of variables. */
  readonly length: number;
}

/** Planes whose variables have a covariance of low rank: z·W with z [rank] and W [rank, H·W·planes]. */
export interface LowRankNoise extends DrawnNoise {
  readonly design: 'low-rank';
  /** Number of variables, at most H·W·planes. */
  readonly rank: number;
  /** @default 1 */
  readonly planes: number;
  /** `learned`: W is a weight. `fixed`: its rows are random, orthogonal and of equal length. @default 'learned' */
  readonly basis: 'learned' | 'fixed';
  /** Of the fixed basis. @default 1 */
  readonly seed: number;
}

/** Few variables, each at many positions with random signs: the hashing trick (Weinberger et al. 2009), turned round. */
export interface HashedNoise extends DrawnNoise {
  readonly design: 'hashed';
  /** Number of variables, at most H·W·planes. */
  readonly variables: number;
  /** @default 1 */
  readonly planes: number;
  /** Of positions and signs. @default 1 */
  readonly seed: number;
}

/** How a level's noise is laid out. */
export type NoiseDesign = NoNoise | PlaneNoise | VectorNoise | LowRankNoise | HashedNoise;

/**
 * What a design draws for each image of this size: `z`, or nothing.
 *
 * @throws {LapyraError} `LAPYRA_NOISE_DESIGN` for more variables than positions, and for numbers that are not whole or
 * below 1
 */
export function noiseSpec(design: NoiseDesign, size: Size): NoiseSpec {
  if (design.design === 'none') return {};
  const z = drawn(design, size);
  const { gain } = design;
  if (gain !== null && !Number.isFinite(gain))
    throw refusal(size, 'a finite gain, or null', String(gain));
  return { z };
}

function drawn(design: Exclude<NoiseDesign, NoNoise>, size: Size): NoiseTensor {
  const options = { distribution: design.distribution };
  if (design.design === 'vector') {
    expectWhole(size, 'length', design.length);
    return vector(design.length, options);
  }
  const { planes } = design;
  expectWhole(size, 'planes', planes);
  if (design.design === 'plane') return plane(size, { ...options, planes });
  const positions = size[0] * size[1] * planes;
  if (design.design === 'low-rank') {
    expectWhole(size, 'rank', design.rank, positions);
    return lowRank(design.rank, options);
  }
  expectWhole(size, 'variables', design.variables, positions);
  return hashed(design.variables, options);
}

function expectWhole(size: Size, name: string, value: number, most: number = Infinity): void {
  if (!Number.isInteger(value) || value < 1)
    throw refusal(size, `a whole number of ${name} of at least 1`, String(value));
  if (value > most)
    throw refusal(
      size,
      `${name} of at most ${most}, the positions that the noise fills`,
      String(value),
      `With as many variables as positions, { design: 'plane' } is the same and cheaper.`,
    );
}

function refusal(size: Size, expected: string, got: string, hint?: string): LapyraError {
  return new LapyraError(
    'LAPYRA_NOISE_DESIGN',
    `noise at ${sizeName(size)}: expected ${expected}, got ${got}.`,
    hint === undefined ? {} : { hint },
  );
}
