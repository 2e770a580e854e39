import {
  LapyraError,
  type NoiseDesign,
  noiseSpec,
  type NoiseSpec,
  type Size,
  sizeName,
  type Tensors,
} from '@lapyra/core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { expectShape, expectTensor } from './expect.js';
import type { StateSpec } from './module.js';
import { noiseGain } from './noise-gain.js';

/** The noise of a network that begins with a vector, as first levels do. */
export interface NoiseVector {
  readonly noise: NoiseSpec;
  readonly length: number;
  /** `gain` [length] or [1] with a gain. */
  readonly state: StateSpec;
  /** z [B, length], times the gain. */
  apply(state: Tensors, noise: Tensors): Tensor;
}

/**
 * The noise of a design as a vector [B, length]: for networks whose first layer is a linear map.
 *
 * @param subject who asks, for the message: `dense`
 * @throws {LapyraError} `LAPYRA_NOISE_DESIGN` for any design but `vector`, and for a length that is not whole
 */
export function noiseVector(design: NoiseDesign, size: Size, subject: string): NoiseVector {
  if (design.design !== 'vector') {
    throw new LapyraError(
      'LAPYRA_NOISE_DESIGN',
      `${subject} at ${sizeName(size)}: expected noise of the design vector, got ${design.design}.`,
      {
        hint:
          design.design === 'none'
            ? 'Without noise a first level would draw one image again and again.'
            : 'Its first layer is a linear map, which lays the variables out over the image by itself.',
      },
    );
  }
  const { length } = design;
  const noise = noiseSpec(design, size);
  const gain = noiseGain(design, length);
  return {
    noise,
    length,
    state: gain.state,
    apply: (state, given) => {
      const z = expectTensor(subject, given, 'z');
      expectShape(subject, z, ['B', length]);
      return gain.apply(state, z);
    },
  };
}
