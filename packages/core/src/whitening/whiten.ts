import { LapyraError } from '../error.js';
import { type ImageBatch, imageBatch } from '../image-batch.js';
import { resample } from '../transforms/resample.js';
import { boxWeights } from '../transforms/axis-weights.js';
import type { Whitening } from './whitening.js';

/**
 * Normalise pixels: (x − mean) ÷ scale, each operation rounded to float32, as the engines do it.
 *
 * @param pixels [B, H, W, C], 0…255
 * @throws {LapyraError} `LAPYRA_IMAGE_SHAPE` if the pixels do not fill the shape; `LAPYRA_WHITENING_SHAPE` if the
 * whitening is for images of another size or number of channels
 */
export function whiten(
  pixels: Uint8Array,
  shape: readonly number[],
  whitening: Whitening,
): ImageBatch {
  const images = imageBatch(shape, Float32Array.from(pixels));
  assertFits(whitening, images.shape, whitening.shape[1], whitening.shape[2]);
  const { mean, scale } = whitening;
  const { data } = images;
  const period = mean.length;
  for (let start = 0; start < data.length; start += period) {
    for (let i = 0; i < period; i += 1) {
      const centred = Math.fround((data[start + i] as number) - (mean[i] as number));
      data[start + i] = centred / (scale[i] as number);
    }
  }
  return images;
}

/**
 * Pixels of normalised images: x · scale + mean, each operation rounded to float32, then rounded half to even and
 * clamped to 0…255 (NaN becomes 0).
 *
 * @param images [B, H, W, C]. Maps of each pixel position are box-averaged for images smaller than they are.
 * @param gain what the images are divided by first: `transformGain` of their level
 * @returns [B, H, W, C]
 * @throws {LapyraError} `LAPYRA_WHITENING_SHAPE` for images larger than the maps, or with other channels
 */
export function dewhiten(images: ImageBatch, whitening: Whitening, gain = 1): Uint8Array {
  const [, height, width] = images.shape;
  const { shape } = whitening;
  const smaller = whitening.kind === 'pixel' && height <= shape[1] && width <= shape[2];
  assertFits(whitening, images.shape, smaller ? height : shape[1], smaller ? width : shape[2]);
  const mean = smaller ? shrink(whitening.mean, shape, height, width) : whitening.mean;
  const scale = smaller ? shrink(whitening.scale, shape, height, width) : whitening.scale;
  const pixels = new Uint8ClampedArray(images.data.length); // clamps, and rounds half to even
  const period = mean.length;
  for (let start = 0; start < pixels.length; start += period) {
    for (let i = 0; i < period; i += 1) {
      const x = Math.fround((images.data[start + i] as number) / gain);
      pixels[start + i] = Math.fround(Math.fround(x * (scale[i] as number)) + (mean[i] as number));
    }
  }
  return new Uint8Array(pixels.buffer);
}

function shrink(
  map: Float32Array,
  shape: Whitening['shape'],
  height: number,
  width: number,
): Float32Array {
  if (shape[1] === height && shape[2] === width) return map;
  return resample(imageBatch(shape, map), {
    height: boxWeights(shape[1], height),
    width: boxWeights(shape[2], width),
  }).data;
}

/** `height` and `width`: the size that images must have if the whitening is one of pixel positions. */
function assertFits(
  { kind, shape }: Whitening,
  images: ImageBatch['shape'],
  height: number,
  width: number,
): void {
  const sized = kind !== 'pixel' || (images[1] === height && images[2] === width);
  if (sized && images[3] === shape[3]) return;
  throw new LapyraError(
    'LAPYRA_WHITENING_SHAPE',
    `whitening: expected images that fit [${shape.join(', ')}], got [${images.join(', ')}].`,
  );
}
