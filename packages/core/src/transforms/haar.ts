import { LapyraError } from '../error.js';
import { type ImageBatch, imageBatch } from '../image-batch.js';
import { type AxisWeights, axisWeights } from './axis-weights.js';
import {
  refuseUnlessDouble,
  separableTransform,
  type SeparableTransform,
} from './separable-transform.js';

/**
 * The orthonormal Haar pyramid, each size twice the one below, level by level: a coarse pixel is half the sum of its
 * block of 2×2, u repeats half of it. The band u cannot bring back holds three numbers per block and channel:
 * {@link haarCoefficients}. Image ↔ (coarse, coefficients) keeps lengths, so densities carry over unchanged. Constant
 * images double from level to level downwards.
 *
 * A. Haar: "Zur Theorie der orthogonalen Funktionensysteme", Mathematische Annalen 69 (1910), 331–371.
 */
export const haarTransform: SeparableTransform = separableTransform({
  id: 'haar',
  chained: true,
  refuse: refuseUnlessDouble,
  // 1/√2 along each axis would be the same; ½ and 1 are exact.
  downWeights: (from) => ({ height: sums(from[0], 1), width: sums(from[1], 0.5) }),
  upWeights: (_, to) => ({ height: copies(to[0], 1), width: copies(to[1], 0.5) }),
});

/**
 * The detail coefficients of a band (or of an image: its low part has none).
 *
 * @param band [B, 2h, 2w, C]
 * @returns [B, h, w, 3C]: for the block (a b; c d) of each channel (a − b + c − d)/2, then of each channel
 * (a + b − c − d)/2, then of each channel (a − b − c + d)/2
 * @throws {LapyraError} `LAPYRA_IMAGE_SHAPE` if a side is odd
 */
export function haarCoefficients(band: ImageBatch): ImageBatch {
  const [batch, height, width, channels] = band.shape;
  if (height % 2 !== 0 || width % 2 !== 0) throw wrongShape('[B, 2h, 2w, C]', band);
  const result = imageBatch([batch, height / 2, width / 2, 3 * channels]);
  forEachBlock(result.shape, (at, block, row) => {
    for (let c = 0; c < channels; c += 1) {
      const a = band.data[block + c] as number;
      const b = band.data[block + channels + c] as number;
      const d = band.data[block + row + c] as number;
      const e = band.data[block + row + channels + c] as number;
      result.data[at + c] = (a - b + d - e) / 2;
      result.data[at + channels + c] = (a + b - d - e) / 2;
      result.data[at + 2 * channels + c] = (a - b - d + e) / 2;
    }
  });
  return result;
}

/**
 * The band of given detail coefficients: the inverse of {@link haarCoefficients}.
 *
 * @param coefficients [B, h, w, 3C]
 * @returns [B, 2h, 2w, C]; each block of 2×2 sums to 0
 * @throws {LapyraError} `LAPYRA_IMAGE_SHAPE` if the number of channels is not a multiple of 3
 */
export function haarBand(coefficients: ImageBatch): ImageBatch {
  const [batch, height, width, triple] = coefficients.shape;
  if (triple % 3 !== 0) throw wrongShape('[B, h, w, 3C]', coefficients);
  const channels = triple / 3;
  const result = imageBatch([batch, 2 * height, 2 * width, channels]);
  forEachBlock(coefficients.shape, (at, block, row) => {
    for (let c = 0; c < channels; c += 1) {
      const across = coefficients.data[at + c] as number;
      const down = coefficients.data[at + channels + c] as number;
      const both = coefficients.data[at + 2 * channels + c] as number;
      result.data[block + c] = (across + down + both) / 2;
      result.data[block + channels + c] = (down - across - both) / 2;
      result.data[block + row + c] = (across - down - both) / 2;
      result.data[block + row + channels + c] = (both - across - down) / 2;
    }
  });
  return result;
}

/** `at`: where the coefficients of a block begin; `block`: where its first pixel begins; `row`: length of a fine row. */
function forEachBlock(
  [batch, height, width, triple]: ImageBatch['shape'],
  visit: (at: number, block: number, row: number) => void,
): void {
  const channels = triple / 3;
  const row = 2 * width * channels;
  for (let line = 0; line < batch * height; line += 1) {
    for (let x = 0; x < width; x += 1) {
      visit((line * width + x) * triple, 2 * line * row + 2 * x * channels, row);
    }
  }
}

function sums(fine: number, weight: number): AxisWeights {
  return axisWeights(fine, fine / 2, (i) => [
    [2 * i, weight],
    [2 * i + 1, weight],
  ]);
}

function copies(fine: number, weight: number): AxisWeights {
  return axisWeights(fine / 2, fine, (i) => [[Math.floor(i / 2), weight]]);
}

function wrongShape(expected: string, { shape }: ImageBatch): LapyraError {
  return new LapyraError(
    'LAPYRA_IMAGE_SHAPE',
    `Haar coefficients: expected ${expected}, got [${shape.join(', ')}].`,
  );
}
