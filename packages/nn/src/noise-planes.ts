// From what a noise design draws to the planes that a convolution takes beside the colours.
import {
  hashPositions,
  type NoiseDesign,
  noiseSpec,
  type NoiseSpec,
  type NoNoise,
  orthonormalRows,
  type Size,
  type Tensors,
} from '@lapyra/core';
import * as tf from '@tensorflow/tfjs-core';
import { expectImages, expectTensor } from './expect.js';
import { normal } from './initial.js';
import type { StateSpec } from './module.js';
import { noiseGain } from './noise-gain.js';

/** A level's noise: what is drawn, what is learned of it, and how both become planes. */
export interface NoisePlanes {
  /** `z`, or nothing. */
  readonly noise: NoiseSpec;
  /** Number of planes: 0 without noise. */
  readonly planes: number;
  /** `basis` [rank, H·W·planes] of a learned low-rank design, `gain` [planes] or [1] with a gain. */
  readonly state: StateSpec;
  /**
   * The planes [B, H, W, planes] of the noise drawn; `null` without noise.
   *
   * @param noise by the names in the spec: `z` [B, …]
   */
  apply(state: Tensors, noise: Tensors): tf.Tensor | null;
  /** The planes in front of the planes of `images` [B, H, W, C], as LAPGAN's authors had it: [B, H, W, planes + C]. */
  prepend(state: Tensors, noise: Tensors, images: tf.Tensor): tf.Tensor;
}

/**
 * Noise planes of a design for images of this size. With z as it is drawn, plane p at position x is, times the gain:
 *
 * - `plane`: z_xp, a variable of its own (Denton et al. 2015);
 * - `vector`: z_p at every position (Zhu et al. 2017);
 * - `low-rank`: Σ_k z_k·W_kxp. A learned W begins normal with deviation 1/√rank; a fixed one has orthogonal rows of
 *   length √(H·W·planes/rank): either way a position varies as much as a variable does, on average;
 * - `hashed`: ±z_h(x,p), with h and the sign fixed by the seed (Weinberger et al. 2009).
 *
 * @throws {LapyraError} `LAPYRA_NOISE_DESIGN` for more variables than positions, and numbers that are not whole; in use
 * `LAPYRA_NN_SHAPE`, `LAPYRA_NN_MISSING`
 */
export function noisePlanes(design: NoiseDesign, size: Size): NoisePlanes {
  const noise = noiseSpec(design, size);
  if (design.design === 'none')
    return {
      noise,
      planes: 0,
      state: {},
      apply: () => null,
      prepend: (_state, _noise, images) => images,
    };
  const planes = design.design === 'vector' ? design.length : design.planes;
  const { state, expand } = expansion(design, size, planes);
  const gain = noiseGain(design, planes);
  const apply: (state: Tensors, noise: Tensors) => tf.Tensor = (current, given) => {
    const z = expectTensor('noisePlanes', given, 'z');
    return gain.apply(current, expand(current, z)); // [B, H, W, planes]
  };
  return {
    noise,
    planes,
    state: { ...state, ...gain.state },
    apply,
    prepend: (current, given, images) =>
      tf.concat([apply(current, given), expectImages('noisePlanes', images)], 3),
  };
}

interface Expansion {
  readonly state: StateSpec;
  /** z [B, …] → [B, H, W, planes]. */
  expand(state: Tensors, z: tf.Tensor): tf.Tensor;
}

function expansion(
  design: Exclude<NoiseDesign, NoNoise>,
  [height, width]: Size,
  planes: number,
): Expansion {
  const positions = height * width * planes;
  const toPlanes = (x: tf.Tensor): tf.Tensor =>
    tf.reshape(x, [x.shape[0] ?? 0, height, width, planes]);
  switch (design.design) {
    case 'plane':
      return { state: {}, expand: (_state, z) => expectImages('noisePlanes', z, planes) };
    case 'vector':
      return {
        state: {},
        expand: (_state, z) =>
          tf.tile(tf.reshape(z, [z.shape[0] ?? 0, 1, 1, planes]), [1, height, width, 1]),
      };
    case 'low-rank': {
      const { rank, basis, seed } = design;
      const product = (z: tf.Tensor, w: tf.Tensor): tf.Tensor => toPlanes(tf.matMul(z, w));
      if (basis === 'learned')
        return {
          state: {
            basis: {
              shape: [rank, positions],
              role: 'weight',
              initial: normal(1 / Math.sqrt(rank)),
            },
          },
          expand: (state, z) => product(z, expectTensor('noisePlanes', state, 'basis')),
        };
      const length = Math.sqrt(positions / rank);
      const fixed = orthonormalRows(rank, positions, seed, 'noise', height, width, planes).map(
        (value) => value * length,
      );
      return {
        state: {},
        expand: (_state, z) => product(z, tf.tensor2d(fixed, [rank, positions])),
      };
    }
    case 'hashed': {
      const { variables, seed } = design;
      const { index, sign } = hashPositions(
        variables,
        positions,
        seed,
        'noise',
        height,
        width,
        planes,
      );
      return {
        state: {},
        expand: (_state, z) => {
          const gathered = tf.gather(z, tf.tensor1d(index, 'int32'), 1); // [B, H·W·planes]
          return toPlanes(tf.mul(gathered, tf.tensor2d(sign, [1, positions])));
        },
      };
    }
  }
}
