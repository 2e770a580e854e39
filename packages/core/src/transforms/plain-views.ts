import { LapyraError } from '../error.js';
import { type ImageBatch, imageBatch } from '../image-batch.js';
import { sameSize, type Size, sizeName } from '../size.js';
import type { LevelViews, PlainTransform } from '../transform.js';

/**
 * What level `index` of `sizes` sees of full-size images: the plain half of {@link TensorTransform.views}. band is
 * image − low rounded to float32, so low + band is the image to within one rounding of each.
 *
 * @param image normalised, [B, H, W, C] of the last (finest) size
 * @param sizes of the whole pyramid, from coarse to fine
 * @throws {LapyraError} `LAPYRA_TRANSFORM_SIZES` for sizes that the transform cannot do, or no such index;
 * `LAPYRA_IMAGE_SHAPE` if the images have another size
 */
export function plainViews(
  transform: PlainTransform,
  image: ImageBatch,
  sizes: readonly Size[],
  index: number,
): LevelViews<ImageBatch> {
  const [, height, width] = image.shape;
  const full = sizes.at(-1);
  if (full && !sameSize(full, [height, width])) {
    throw new LapyraError(
      'LAPYRA_IMAGE_SHAPE',
      `views: expected images of the finest size ${sizeName(full)}, got ${sizeName([height, width])}.`,
    );
  }
  const own = scale(transform, image, sizes, index);
  if (index === 0) return { image: own, coarse: null, low: null, band: null };
  const coarse = transform.chained
    ? transform.downsample(own, sizes[index - 1] as Size)
    : scale(transform, image, sizes, index - 1);
  const low = transform.upsample(coarse, sizes[index] as Size);
  return { image: own, coarse, low, band: subtract(own, low) };
}

/**
 * What a constant image of 1 at the finest size becomes at `sizes[index]`: 1 for averages, 2 for each halving of the
 * Haar pyramid. Images of that level are divided by it before they are shown.
 *
 * @throws {LapyraError} `LAPYRA_TRANSFORM_SIZES` as {@link plainViews}
 */
export function transformGain(
  transform: PlainTransform,
  sizes: readonly Size[],
  index: number,
): number {
  const [height, width] = sizes.at(-1) ?? [1, 1];
  const ones = imageBatch([1, height, width, 1]);
  ones.data.fill(1);
  const gain = scale(transform, ones, sizes, index).data[0] ?? 1;
  return Math.round(gain * 1e6) / 1e6; // weights of an average add up to 1 only to rounding
}

function scale(
  transform: PlainTransform,
  image: ImageBatch,
  sizes: readonly Size[],
  index: number,
): ImageBatch {
  transform.check(sizes);
  const wanted = sizes[index];
  if (!wanted) {
    throw new LapyraError(
      'LAPYRA_TRANSFORM_SIZES',
      `views: expected a level from 0 to ${sizes.length - 1}, got ${index}.`,
    );
  }
  const last = sizes.length - 1;
  if (index === last) return image;
  if (!transform.chained) return transform.downsample(image, wanted);
  let own = image;
  for (let k = last - 1; k >= index; k -= 1) own = transform.downsample(own, sizes[k] as Size);
  return own;
}

function subtract(a: ImageBatch, b: ImageBatch): ImageBatch {
  const result = imageBatch(a.shape);
  for (let i = 0; i < result.data.length; i += 1) {
    result.data[i] = (a.data[i] as number) - (b.data[i] as number);
  }
  return result;
}
