import type { WhiteningKind } from '../config.js';
import { LapyraError } from '../error.js';
import { elementCount, type TensorValues } from '../tensor-value.js';

/** How images are normalised: (x − mean) ÷ scale with x in 0…255, before any resampling. */
export interface Whitening {
  readonly kind: WhiteningKind;
  /** [1, H, W, C] for each pixel position, or [1, 1, 1, C]. */
  readonly shape: readonly [1, height: number, width: number, channels: number];
  readonly mean: Float32Array;
  /** Above 0. */
  readonly scale: Float32Array;
}

/** A whitening as JSON. */
export interface StoredWhitening {
  readonly kind: WhiteningKind;
  readonly shape: readonly number[];
  readonly mean: readonly number[];
  readonly scale: readonly number[];
}

/** As state tensors of a program: `whitening.mean` and `whitening.scale`, float32. */
export function whiteningTensors({ shape, mean, scale }: Whitening): TensorValues {
  return {
    'whitening.mean': { dtype: 'float32', shape, data: mean },
    'whitening.scale': { dtype: 'float32', shape, data: scale },
  };
}

/** As plain data that survives JSON and back, each number to the bit. */
export function storeWhitening({ kind, shape, mean, scale }: Whitening): StoredWhitening {
  return { kind, shape: [...shape], mean: [...mean], scale: [...scale] };
}

/**
 * A whitening from {@link storeWhitening}'s data.
 *
 * @throws {LapyraError} `LAPYRA_WHITENING_INVALID` if it is not a whitening: kind, shape, number of values, a value that
 * is not finite, a scale that is not above 0
 */
export function loadWhitening(stored: StoredWhitening): Whitening {
  const { kind, shape } = stored;
  const [one, height, width, channels] = shape;
  const mean = Float32Array.from(stored.mean);
  const scale = Float32Array.from(stored.scale);
  const problem = !['pixel', 'channel', 'range'].includes(kind)
    ? `kind '${kind}'`
    : shape.length !== 4 || one !== 1 || (kind !== 'pixel' && (height !== 1 || width !== 1))
      ? `shape [${shape.join(', ')}] of kind '${kind}'`
      : mean.length !== elementCount(shape) || scale.length !== mean.length
        ? `${mean.length} means and ${scale.length} scales for shape [${shape.join(', ')}]`
        : !mean.every(Number.isFinite)
          ? 'a mean that is not finite'
          : !scale.every((value) => value > 0 && Number.isFinite(value))
            ? 'a scale that is not above 0'
            : undefined;
  if (problem || height === undefined || width === undefined || channels === undefined) {
    throw new LapyraError(
      'LAPYRA_WHITENING_INVALID',
      `whitening: expected means and scales of shape [1, H, W, C] or [1, 1, 1, C], got ${problem}.`,
    );
  }
  return { kind, shape: [1, height, width, channels], mean, scale };
}
