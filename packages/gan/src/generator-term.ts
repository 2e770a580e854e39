// What a generator pays besides being found out: how far it is from the true image, how rough it is.
import type { DrawPart, LevelPlace, Resample, Tensors } from '@lapyra/core';
import { l1, l2, type StateSpec, totalVariation } from '@lapyra/nn';
import type { Tensor } from '@tensorflow/tfjs-core';

/** A part of the generator's loss beside the adversarial one. */
export interface GeneratorTerm {
  /** Under which it is recorded, unweighted: `pixel`. */
  readonly name: string;
  readonly weight: number;
  /** Parts of the training image, on whose coarse image the generator draws, that it compares with. */
  readonly truth: readonly DrawPart[];
  /** Tensors of its own, all frozen: the weights of a feature net. */
  readonly state?: StateSpec;
  /**
   * @param drawn what the generator drew
   * @param truth {@link GeneratorTerm.truth} of as many images
   * @param state {@link GeneratorTerm.state}
   * @param resample the pyramid's d and u
   * @returns shape []
   */
  loss(drawn: DrawnImages, truth: Tensors, state: Tensors, resample: Resample): Tensor;
}

export interface DrawnImages {
  /** As the generator gave it, a band or an image [B, H, W, C]. */
  readonly output: Tensor;
  /** [B, H, W, C]. */
  readonly image: Tensor;
  /** The image below, upsampled [B, H, W, C]; `null` at a first level. */
  readonly low: Tensor | null;
}

/** Mean squared (`l2`) or absolute (`l1`) error of the drawn band or image. */
export function pixelTerm(
  output: 'band' | 'image',
  weight: number,
  kind: 'l1' | 'l2' = 'l2',
): GeneratorTerm {
  const measure = kind === 'l1' ? l1 : l2;
  return {
    name: 'pixel',
    weight,
    truth: [output],
    loss: (drawn, truth) => measure(drawn.output, truth[output]!),
  };
}

/** Total variation of the drawn image. */
export function totalVariationTerm(weight: number): GeneratorTerm {
  return {
    name: 'variation',
    weight,
    truth: [],
    loss: ({ image }) => totalVariation(image),
  };
}

/**
 * How far the drawn image is from the image below once it is made as small: the mean of (d(image) − coarse)². A level that
 * keeps it small keeps the identity of its coarse image.
 */
export function lowPassTerm({ coarse }: LevelPlace, weight: number): GeneratorTerm {
  return {
    name: 'lowPass',
    weight,
    truth: ['coarse'],
    loss: ({ image }, truth, _state, resample) =>
      l2(resample.downsample(image, coarse!), truth['coarse']!),
  };
}
