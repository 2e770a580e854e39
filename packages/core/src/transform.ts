// A transform is how a pyramid takes an image apart: d makes it smaller, u makes it larger, and the band is what u
// cannot bring back: image = u(coarse) + band, exactly.
import type { Tensor } from '@tensorflow/tfjs-core';
import type { ImageBatch } from './image-batch.js';
import type { Size } from './size.js';

/** The reference, on plain arrays. */
export interface PlainTransform {
  /** `box-bilinear`, `burt-adelson`, `haar`. */
  readonly id: string;
  /** Whether each scale is made from the next finer one; else every scale comes straight from the full-size image. */
  readonly chained: boolean;
  /**
   * Refuses what the transform cannot do; sizes run from coarse to fine.
   *
   * @throws {LapyraError} `LAPYRA_TRANSFORM_SIZES`
   */
  check(sizes: readonly Size[]): void;
  downsample(image: ImageBatch, size: Size): ImageBatch;
  upsample(coarse: ImageBatch, size: Size): ImageBatch;
}

/** What a level's place makes of an image: `image` = `low` + `band`; the first level has `image` alone. */
export interface LevelViews<T> {
  readonly image: T;
  readonly coarse: T | null;
  readonly low: T | null;
  readonly band: T | null;
}

/** d and u of a transform on tensors, float32 [B, H, W, C]. */
export interface Resample {
  downsample(image: Tensor, size: Size): Tensor;
  upsample(coarse: Tensor, size: Size): Tensor;
}

/** The same as tensor programs, traced in front of a level's own. Tensors are float32 [B, H, W, C]. */
export interface TensorTransform extends Resample {
  /** low + band. */
  join(low: Tensor, band: Tensor): Tensor;
  /**
   * From the pixels of full-size crops (int32 [B, H, W, C], 0…255) to what level `index` of `sizes` (coarse to fine)
   * sees of them: whitening (pixels − mean) ÷ scale, d, u and band.
   */
  views(
    pixels: Tensor,
    whitening: WhiteningTensors,
    sizes: readonly Size[],
    index: number,
  ): LevelViews<Tensor>;
}

/** Broadcast against [B, H, W, C]: [1, H, W, C] or [1, 1, 1, C]. */
export interface WhiteningTensors {
  readonly mean: Tensor;
  readonly scale: Tensor;
}

/** A transform as a plugin supplies it; a test shows that both halves agree. */
export interface Transform {
  readonly plain: PlainTransform;
  readonly tensor: TensorTransform;
}
