// What crosses the border between two levels, as plain data: a level that was trained elsewhere carries its own, so
// that it can be checked when it is put into another pyramid.
import type { ConditionSpec } from './condition.js';
import type { LevelPlace } from './place.js';
import { randomKey } from './random/random-key.js';
import { sameSize, type Size, sizeName } from './size.js';
import type { PlainTransform } from './transform.js';
import { transformGain } from './transforms/plain-views.js';
import type { Whitening } from './whitening/whitening.js';

/** The terms on which an image passes from one level to the next. */
export interface ImageTerms {
  /** The name of its size: `14`, or `14x20`. */
  readonly size: string;
  readonly channels: number;
  /** How it is normalised: {@link normalisationName}. */
  readonly normalisation: string;
  /** Its range, as what a constant 1 of the full size becomes: 1 for averages, 2 for each halving of the Haar pyramid. */
  readonly gain: number;
  /** The id of the transform that made it, or makes the next one. */
  readonly transform: string;
  /** `none`, `classes "cat", "dog"`, `embedding 512`. */
  readonly condition: string;
}

/** What a level expects from below and gives upwards, each with a hash of it. Plain data. */
export interface FitSignature {
  /** The name of the level's size. */
  readonly level: string;
  /** `null` for a first level. */
  readonly expects: ImageTerms | null;
  readonly expectsHash: string | null;
  readonly gives: ImageTerms;
  readonly givesHash: string;
}

/** The pyramid that a level belongs to, or was trained in. */
export interface FitPyramid {
  /** From coarse to fine. */
  readonly sizes: readonly Size[];
  readonly transform: PlainTransform;
  readonly whitening: Whitening;
}

/** The signature of a level at this place of a pyramid. */
export function fitSignature(place: Omit<LevelPlace, 'pixels'>, pyramid: FitPyramid): FitSignature {
  const terms = (size: Size): ImageTerms => ({
    size: sizeName(size),
    channels: place.channels,
    normalisation: normalisationName(pyramid.whitening),
    gain: gainAt(size, pyramid),
    transform: place.transform,
    condition: conditionName(place.condition),
  });
  const expects = place.coarse ? terms(place.coarse) : null;
  const gives = terms(place.size);
  return {
    level: sizeName(place.size),
    expects,
    expectsHash: expects ? termsHash(expects) : null,
    gives,
    givesHash: termsHash(gives),
  };
}

/** A whitening in a word, and a hash of its numbers where they were measured: `range`, `channel 1f0c…`. */
export function normalisationName({ kind, shape, mean, scale }: Whitening): string {
  return kind === 'range' ? kind : `${kind} ${hash([...shape, ...mean, ...scale])}`;
}

/** A condition in words: `none`, `classes "cat", "dog"`, `embedding 512`, `embedding 512 of` an encoder. */
export function conditionName(condition: ConditionSpec): string {
  if (condition.kind === 'classes') {
    // Quoted, since a name may hold a comma.
    return `classes ${condition.names.map((name) => JSON.stringify(name)).join(', ')}`;
  }
  if (condition.kind === 'none') return 'none';
  return `embedding ${condition.width}${condition.of === undefined ? '' : ` of ${condition.of}`}`;
}

/** 1 for a size that the pyramid does not have: that is found out by comparing sizes. */
function gainAt(size: Size, { sizes, transform }: FitPyramid): number {
  const index = sizes.findIndex((other) => sameSize(size, other));
  return index < 0 ? 1 : transformGain(transform, sizes, index);
}

function termsHash(terms: ImageTerms): string {
  return hash([
    terms.size,
    terms.channels,
    terms.normalisation,
    terms.gain,
    terms.transform,
    terms.condition,
  ]);
}

/** 64 bits as 16 hexadecimal digits. */
function hash(parts: readonly (string | number)[]): string {
  const [low, high] = randomKey(parts);
  return [high, low].map((word) => word.toString(16).padStart(8, '0')).join('');
}
