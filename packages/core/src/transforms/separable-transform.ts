import { LapyraError } from '../error.js';
import type { ImageBatch } from '../image-batch.js';
import { sameSize, type Size, sizeName } from '../size.js';
import type { PlainTransform } from '../transform.js';
import { resample, type Resampling } from './resample.js';

/** A transform whose d and u are weights along each axis: from them its tensor half can be made as matrix products. */
export interface SeparableTransform extends PlainTransform {
  downWeights(from: Size, to: Size): Resampling;
  upWeights(from: Size, to: Size): Resampling;
}

export interface SeparableDefinition {
  readonly id: string;
  readonly chained: boolean;
  /** Why the transform cannot stand between these growing sizes, or undefined if it can. `finest` is for the advice. */
  refuse(coarse: Size, fine: Size, finest: Size): SizeRefusal | undefined;
  downWeights(from: Size, to: Size): Resampling;
  upWeights(from: Size, to: Size): Resampling;
}

export interface SizeRefusal {
  /** `sizes that double (14 below 28)`. */
  readonly expected: string;
  /** Sizes that would do. */
  readonly hint: string;
}

/** The plain half of a separable transform: sizes are checked before anything is computed. */
export function separableTransform(definition: SeparableDefinition): SeparableTransform {
  const { id, chained } = definition;
  const checkPair = (coarse: Size, fine: Size, finest = fine): void => {
    const refusal = grows(coarse, fine) ? definition.refuse(coarse, fine, finest) : NOT_GROWING;
    if (!refusal) return;
    throw new LapyraError(
      'LAPYRA_TRANSFORM_SIZES',
      `transform ${id}: expected ${refusal.expected}, got ${sizeName(coarse)} below ${sizeName(fine)}.`,
      { hint: refusal.hint },
    );
  };
  const downWeights = (from: Size, to: Size): Resampling => {
    checkPair(to, from);
    return definition.downWeights(from, to);
  };
  const upWeights = (from: Size, to: Size): Resampling => {
    checkPair(from, to);
    return definition.upWeights(from, to);
  };
  return {
    id,
    chained,
    downWeights,
    upWeights,
    check(sizes) {
      if (sizes.length === 0) {
        throw new LapyraError(
          'LAPYRA_TRANSFORM_SIZES',
          `transform ${id}: expected sizes from coarse to fine, got none.`,
        );
      }
      for (const [index, fine] of sizes.entries()) {
        const coarse = sizes[index - 1];
        if (coarse) checkPair(coarse, fine, sizes.at(-1));
      }
    },
    downsample: (image, size) => resample(image, downWeights(sizeOf(image), size)),
    upsample: (coarse, size) => resample(coarse, upWeights(sizeOf(coarse), size)),
  };
}

/** Refuses all but a ratio of 2 along both axes, and says which sizes would do below the finest. */
export function refuseUnlessDouble(
  coarse: Size,
  fine: Size,
  finest: Size,
): SizeRefusal | undefined {
  if (coarse[0] * 2 === fine[0] && coarse[1] * 2 === fine[1]) return undefined;
  const chain = [sizeName(finest)];
  for (let [height, width] = finest; height % 2 === 0 && width % 2 === 0;) {
    height /= 2;
    width /= 2;
    chain.unshift(sizeName([height, width]));
  }
  const advice =
    chain.length > 1
      ? `With ${sizeName(finest)} as the largest size: ${chain.join(', ')}, or the last few of them.`
      : `${sizeName(finest)} has an odd side: no size can stand below it.`;
  return {
    expected: 'sizes that double',
    hint: `${advice} The transform box-bilinear takes any sizes that grow.`,
  };
}

const NOT_GROWING: SizeRefusal = {
  expected: 'sizes that grow',
  hint: 'Sizes run from coarse to fine: from one to the next no side may shrink, and at least one grows.',
};

function grows(coarse: Size, fine: Size): boolean {
  return coarse[0] <= fine[0] && coarse[1] <= fine[1] && !sameSize(coarse, fine);
}

function sizeOf({ shape }: ImageBatch): Size {
  return [shape[1], shape[2]];
}
