import type { WhiteningKind } from '../config.js';
import { LapyraError } from '../error.js';
import type { Size } from '../size.js';
import type { Whitening } from './whitening.js';

/** Added to each deviation, as the LAPGAN authors do: a pixel that never changes becomes 0, not 0 ÷ 0. */
const FLOOR = 1e-7;
/** Half of 0…255: plain ranges become [−1, 1]. */
const HALF_RANGE = 127.5;

/**
 * Measure how training images are to be normalised, in one pass over them.
 *
 * Sums of pixels and of their squares are kept exactly (they are whole numbers); the scale is the population standard
 * deviation + 1e-7. `pixel`: for each position and channel; `channel`: for each channel; `range`: mean and scale 127.5,
 * without reading anything.
 *
 * @param size of the images
 * @param batches pixels [n, H, W, C], 0…255, any n
 * @throws {LapyraError} `LAPYRA_WHITENING_EMPTY` if there are no images; `LAPYRA_WHITENING_SHAPE` if a batch is not made
 * of whole images
 */
export async function measureWhitening(
  kind: WhiteningKind,
  size: Size,
  channels: number,
  batches: AsyncIterable<Uint8Array>,
): Promise<Whitening> {
  if (kind === 'range') {
    const values = new Float32Array(channels).fill(HALF_RANGE);
    return { kind, shape: [1, 1, 1, channels], mean: values, scale: values.slice() };
  }
  const length = size[0] * size[1] * channels;
  const sums = new Float64Array(length);
  const squares = new Float64Array(length);
  let images = 0;
  for await (const pixels of batches) {
    if (pixels.length % length !== 0) {
      throw new LapyraError(
        'LAPYRA_WHITENING_SHAPE',
        `whitening: expected batches [n, ${size[0]}, ${size[1]}, ${channels}], got ${pixels.length} numbers.`,
      );
    }
    for (let start = 0; start < pixels.length; start += length) {
      for (let i = 0; i < length; i += 1) {
        const x = pixels[start + i] as number;
        sums[i] = (sums[i] as number) + x;
        squares[i] = (squares[i] as number) + x * x;
      }
      images += 1;
    }
  }
  if (images === 0) {
    throw new LapyraError('LAPYRA_WHITENING_EMPTY', 'whitening: expected images, got none.');
  }
  if (kind === 'pixel')
    return { kind, shape: [1, ...size, channels], ...moments(sums, squares, images) };
  return {
    kind,
    shape: [1, 1, 1, channels],
    ...moments(
      perChannel(sums, channels),
      perChannel(squares, channels),
      images * size[0] * size[1],
    ),
  };
}

function moments(
  sums: Float64Array,
  squares: Float64Array,
  count: number,
): Pick<Whitening, 'mean' | 'scale'> {
  const mean = new Float32Array(sums.length);
  const scale = new Float32Array(sums.length);
  sums.forEach((sum, i) => {
    mean[i] = sum / count;
    // count · Σx² − (Σx)² passes 2⁵³; in whole numbers nothing cancels away.
    const spread = BigInt(count) * BigInt(squares[i] as number) - BigInt(sum) ** 2n;
    scale[i] = Math.sqrt(Number(spread)) / count + FLOOR;
  });
  return { mean, scale };
}

function perChannel(values: Float64Array, channels: number): Float64Array {
  const result = new Float64Array(channels);
  values.forEach((value, i) => {
    result[i % channels] = (result[i % channels] as number) + value;
  });
  return result;
}
