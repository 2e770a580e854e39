import { LapyraError, type Tensors } from '@lapyra/core';
import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';

/**
 * Refuses a tensor of another shape; a letter stands for any length.
 *
 * @throws {LapyraError} `LAPYRA_NN_SHAPE`
 */
export function expectShape(subject: string, x: Tensor, shape: readonly (number | string)[]): void {
  const fits =
    x.shape.length === shape.length &&
    shape.every((side, axis) => typeof side === 'string' || side === x.shape[axis]);
  if (!fits) {
    throw new LapyraError(
      'LAPYRA_NN_SHAPE',
      `${subject}: expected [${shape.join(', ')}], got [${x.shape.join(', ')}].`,
    );
  }
}

/** `x` as images [B, H, W, C], where `channels` is their number or any. */
export function expectImages(subject: string, x: Tensor, channels: number | 'C' = 'C'): Tensor4D {
  expectShape(subject, x, ['B', 'H', 'W', channels]);
  return x as Tensor4D;
}

/**
 * The tensor of this name.
 *
 * @throws {LapyraError} `LAPYRA_NN_MISSING`
 */
export function expectTensor(subject: string, tensors: Tensors, name: string): Tensor {
  const tensor = tensors[name];
  if (!tensor) {
    throw new LapyraError(
      'LAPYRA_NN_MISSING',
      `${subject}: expected a tensor '${name}', got ${Object.keys(tensors).join(', ') || 'none'}.`,
    );
  }
  return tensor;
}

/**
 * Refuses an option outside its range.
 *
 * @throws {LapyraError} `LAPYRA_NN_OPTION`
 */
export function expectOption(
  subject: string,
  valid: boolean,
  expected: string,
  got: unknown,
): void {
  if (!valid) {
    throw new LapyraError(
      'LAPYRA_NN_OPTION',
      `${subject}: expected ${expected}, got ${JSON.stringify(got)}.`,
    );
  }
}

/** Whether `value` is a whole number of at least `least`. */
export function isWhole(value: number, least = 1): boolean {
  return Number.isInteger(value) && value >= least;
}
