import type { ImageBatch } from '../image-batch.js';

/**
 * Pixels of images by contrast: each image is stretched so that its smallest value over all channels becomes 0 and its
 * largest 255, rounded half to even, as the LAPGAN authors show theirs. An image of one value becomes 128 throughout.
 *
 * @param images [B, H, W, C]
 * @returns [B, H, W, C]
 */
export function stretch({ shape, data }: ImageBatch): Uint8Array {
  const pixels = new Uint8ClampedArray(data.length); // rounds half to even
  const length = shape[1] * shape[2] * shape[3];
  for (let start = 0; start < data.length; start += length) {
    let low = Infinity;
    let high = -Infinity;
    for (let i = start; i < start + length; i += 1) {
      const value = data[i] as number;
      if (value < low) low = value;
      if (value > high) high = value;
    }
    for (let i = start; i < start + length; i += 1) {
      pixels[i] = high > low ? (((data[i] as number) - low) / (high - low)) * 255 : 128;
    }
  }
  return new Uint8Array(pixels.buffer);
}
