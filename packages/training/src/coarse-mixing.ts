// Training on coarse images as sampling will give them: a part of those that a step's marked draws are given were drawn by
// the levels below, out of a pool that is made once.
import {
  conditionWidth,
  type Draw,
  type ImageBatch,
  LapyraError,
  type Level,
  type RandomStream,
  sizeName,
  type Tensors,
} from '@lapyra/core';

type Tensor = Tensors[string];

/** Images drawn by the levels below, of the size below, and what each was drawn for. */
export interface CoarsePool {
  /** Normalised [n, h, w, C]. */
  readonly coarse: ImageBatch;
  /** [n, width]; `null` if the pyramid has no condition. */
  readonly condition: Float32Array | null;
}

export interface CoarseMixing {
  /** Part of the coarse images that are drawn ones, in (0, 1]. */
  readonly share: number;
  readonly pool: CoarsePool;
  /**
   * Images where `paired` [count] is 1 from `yes`, else from `no` [count, h, w, C] each: handed in, since this package knows
   * no tensor library.
   */
  select(paired: Tensor, yes: Tensor, no: Tensor): Tensor;
}

/** Which of a draw's coarse images come from the pool. */
export interface MixedRows {
  /** 1 for a true one, 0 for one of the pool. */
  readonly paired: Float32Array;
  /** Its place in the pool; −1 for a true one. */
  readonly picks: Int32Array;
}

/** Whether a level can learn on drawn coarse images: whether one of its programs marks a draw for it. */
export function mayMix({ training }: Level): boolean {
  return (
    training?.kind === 'steps' &&
    training.programs.some(({ draws }) =>
      Object.values(draws).some(({ mayBeGenerated }) => mayBeGenerated === true),
    )
  );
}

/**
 * Whether a level and what is mixed into its training fit each other.
 *
 * @throws {LapyraError} `LAPYRA_MIX_MISFIT` if the level marks no draw, the share is not in (0, 1], or the pool has other
 * images or conditions than the level's place
 */
export function checkMixing(level: Level, { share, pool }: CoarseMixing): void {
  const { coarse, channels, condition } = level.place;
  const refuse = (expected: string, got: string): never => {
    throw new LapyraError(
      'LAPYRA_MIX_MISFIT',
      `level ${sizeName(level.place.size)}: expected ${expected}, got ${got}.`,
    );
  };
  if (!mayMix(level))
    refuse('a level that can learn on generated coarse images', 'one that marks no such draws');
  if (!(share > 0 && share <= 1))
    refuse('a share of generated coarse images in (0, 1]', `${share}`);
  const [count, ...shape] = pool.coarse.shape;
  if (count < 1 || shape.join() !== [...(coarse ?? []), channels].join())
    refuse(
      `generated coarse images [n, ${[...(coarse ?? []), channels].join(', ')}]`,
      `[${pool.coarse.shape.join(', ')}]`,
    );
  const width = conditionWidth(condition);
  if ((pool.condition?.length ?? 0) !== count * width)
    refuse(
      `${count} conditions of ${width} numbers with the generated coarse images`,
      `${pool.condition?.length ?? 0} numbers`,
    );
}

/** Whether a draw is one of those that are mixed. */
export function isMixed(draw: Draw, mixing: CoarseMixing | undefined): mixing is CoarseMixing {
  return mixing !== undefined && draw.mayBeGenerated === true;
}

/** Whether a draw needs pictures at all: not if all that it wants comes from the pool. */
export function needsPixels({ of, ...draw }: Draw, mixing: CoarseMixing | undefined): boolean {
  const generated = mixing?.share === 1 && draw.mayBeGenerated === true;
  return of.some((part) =>
    part === 'image' || part === 'band'
      ? true
      : !generated && (part === 'coarse' || part === 'low'),
  );
}

/** Choose for each of `count` images whether it is a true one, and if not, which of the pool. */
export function drawMixedRows(
  stream: RandomStream,
  count: number,
  { share, pool }: CoarseMixing,
): MixedRows {
  const dice = stream.uniform(count); // below 1: a share of 1 leaves none
  const picks = stream.integers(count, pool.coarse.shape[0]);
  const paired = dice.map((value) => (value < share ? 0 : 1));
  return { paired, picks: picks.map((pick, i) => (paired[i] === 1 ? -1 : pick)) };
}

/** Write the rows of the pool that were picked into `target`; the others stay as they are. */
export function copyPicked(source: Float32Array, picks: Int32Array, target: Float32Array): void {
  const per = target.length / picks.length;
  picks.forEach((pick, i) => {
    if (pick >= 0) target.set(source.subarray(pick * per, (pick + 1) * per), i * per);
  });
}
