import { LapyraError } from './error.js';

/** Images of one size as floats, [B, H, W, C] row-major. */
export interface ImageBatch {
  readonly shape: readonly [batch: number, height: number, width: number, channels: number];
  readonly data: Float32Array;
}

/**
 * A batch over existing numbers (not copied), or over zeros.
 *
 * @throws {LapyraError} `LAPYRA_IMAGE_SHAPE` if the shape is not [B, H, W, C] or has another number of elements
 */
export function imageBatch(
  shape: readonly number[],
  data: Float32Array = new Float32Array(shape.reduce((a, b) => a * b, 1)),
): ImageBatch {
  const [batch, height, width, channels] = shape;
  if (
    shape.length !== 4 ||
    batch === undefined ||
    height === undefined ||
    width === undefined ||
    channels === undefined ||
    data.length !== batch * height * width * channels
  ) {
    throw new LapyraError(
      'LAPYRA_IMAGE_SHAPE',
      `image batch: expected [B, H, W, C] with as many numbers, got [${shape.join(', ')}] with ${data.length} numbers.`,
    );
  }
  return { shape: [batch, height, width, channels], data };
}
