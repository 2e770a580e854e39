import { describe, expect, it } from 'vitest';
import { checkFit } from './check-fit.js';
import type { ConditionSpec } from './condition.js';
import { LapyraError } from './error.js';
import { type FitPyramid, fitSignature, type FitSignature } from './fit-signature.js';
import type { Size } from './size.js';
import { boxBilinearTransform } from './transforms/box-bilinear.js';
import { haarTransform } from './transforms/haar.js';
import type { Whitening } from './whitening/whitening.js';

const whitening: Whitening = {
  kind: 'channel',
  shape: [1, 1, 1, 3],
  mean: Float32Array.of(125, 123, 114),
  scale: Float32Array.of(63, 62, 67),
};
const SIZES: readonly Size[] = [
  [8, 8],
  [14, 14],
  [28, 20],
];

interface Change {
  readonly channels?: number;
  readonly condition?: ConditionSpec;
  readonly coarse?: Size | null;
  readonly pyramid?: Partial<FitPyramid>;
}

function signature(index: number, change: Change = {}): FitSignature {
  const pyramid = { sizes: SIZES, transform: boxBilinearTransform, whitening, ...change.pyramid };
  const place = {
    size: pyramid.sizes[index]!,
    coarse: change.coarse === undefined ? (pyramid.sizes[index - 1] ?? null) : change.coarse,
    channels: change.channels ?? 3,
    condition: change.condition ?? { kind: 'none' as const },
    transform: pyramid.transform.id,
  };
  return fitSignature(place, pyramid);
}

function misfit(signatures: readonly FitSignature[]): string {
  try {
    checkFit(signatures);
  } catch (error) {
    if (LapyraError.is(error, 'LAPYRA_FIT_MISMATCH')) return error.message;
    throw error;
  }
  return 'fits';
}

describe('checkFit', () => {
  it('passes levels made for each other', () => {
    expect(misfit([0, 1, 2].map((index) => signature(index)))).toBe('fits');
    expect(misfit([signature(0)])).toBe('fits');
  });

  it('passes a stored signature', () => {
    const stored = JSON.parse(JSON.stringify(signature(1))) as FitSignature;
    expect(misfit([signature(0), stored, signature(2)])).toBe('fits');
  });

  it('names the size', () => {
    expect(misfit([signature(0), signature(1, { coarse: [10, 10] })])).toBe(
      'level 14 on level 8: expected size 10, got 8.',
    );
  });

  it('names the channels', () => {
    expect(misfit([signature(0, { channels: 1 }), signature(1)])).toBe(
      'level 14 on level 8: expected channels 3, got 1.',
    );
  });

  it('names the condition', () => {
    const classes = (...names: string[]): ConditionSpec => ({ kind: 'classes', names });
    expect(
      misfit([
        signature(0, { condition: classes('cat', 'dog') }),
        signature(1, { condition: classes('dog', 'cat') }),
        signature(2, { condition: { kind: 'embedding', width: 16 } }),
      ]),
    ).toBe(
      [
        'level 14 on level 8: expected condition classes "dog", "cat", got classes "cat", "dog".',
        'level 28x20 on level 14: expected condition embedding 16, got classes "dog", "cat".',
      ].join('\n'),
    );
  });

  it('names the normalisation, to the last bit', () => {
    const other = { ...whitening, mean: Float32Array.of(125, 123, 114.00001) };
    expect(misfit([signature(0), signature(1, { pyramid: { whitening: other } })])).toMatch(
      /^level 14 on level 8: expected normalisation channel [\da-f]{16}, got channel [\da-f]{16}\.$/,
    );
    const range = { ...whitening, kind: 'range' as const };
    expect(misfit([signature(0, { pyramid: { whitening: range } }), signature(1)])).toMatch(
      /expected normalisation channel [\da-f]{16}, got range\.$/,
    );
  });

  it('names the transform, and the range that goes with it', () => {
    const sizes: readonly Size[] = [
      [7, 7],
      [14, 14],
      [28, 28],
    ];
    const boxes = { pyramid: { sizes } };
    const haar = { pyramid: { sizes, transform: haarTransform } };
    expect(misfit([signature(0, boxes), signature(1, haar)])).toBe(
      'level 14 on level 7: expected range 4, got 1; expected transform haar, got box-bilinear.',
    );
    // A level from a pyramid that ends at 14 expects half the range.
    const shorter = { pyramid: { sizes: sizes.slice(0, 2), transform: haarTransform } };
    expect(misfit([signature(0, haar), signature(1, shorter)])).toBe(
      'level 14 on level 7: expected range 2, got 4.',
    );
  });

  it('wants one first level, at the bottom', () => {
    expect(misfit([signature(1), signature(2)])).toBe(
      'level 14: expected a first level, got one above 8.',
    );
    expect(misfit([signature(0), signature(1, { coarse: null })])).toBe(
      'level 14: expected a level above 8, got one that starts a pyramid.',
    );
  });

  it('compares what the last level gives with the images of the pyramid', () => {
    const levels = [signature(0), signature(1), signature(2)];
    const images = signature(2).gives;
    expect(() => checkFit(levels, images)).not.toThrow();
    expect(() => checkFit(levels, { ...images, size: '28', channels: 1 })).toThrow(
      'level 28x20 in this pyramid: expected size 28, got 28x20; expected channels 1, got 3.',
    );
  });

  it('goes by the hash', () => {
    expect(misfit([{ ...signature(0), givesHash: '0000000000000000' }, signature(1)])).toBe(
      'level 14 on level 8: expected a signature of the same version, got another.',
    );
  });
});
