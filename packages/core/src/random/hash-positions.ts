import { randomStream } from './random-stream.js';

/** Which variable stands at each position, and with which sign. */
export interface HashedPositions {
  /** [positions], 0 … variables − 1. */
  readonly index: Int32Array;
  /** [positions], 1 or −1. */
  readonly sign: Float32Array;
}

/**
 * A random map from positions to fewer variables, with random signs, keyed like a {@link randomStream}: the same on every
 * machine. After the hashing trick (Weinberger et al. 2009), but dealt out evenly: each variable has ⌊positions/variables⌋
 * or one more positions, so that none of what is drawn is left out.
 */
export function hashPositions(
  variables: number,
  positions: number,
  ...key: readonly (string | number)[]
): HashedPositions {
  const order = Int32Array.from({ length: positions }, (_, position) => position);
  const words = randomStream(...key, 'positions').uint32(positions);
  for (let last = positions - 1; last > 0; last -= 1) {
    // Fisher and Yates: a uniform permutation, to 2⁻³² · positions.
    const other = Math.floor(((words[last] as number) / 0x1_0000_0000) * (last + 1));
    const moved = order[last] as number;
    order[last] = order[other] as number;
    order[other] = moved;
  }
  const index = new Int32Array(positions);
  order.forEach((position, place) => (index[position] = place % variables));
  const signs = randomStream(...key, 'signs').uint32(positions);
  return { index, sign: Float32Array.from(signs, (word) => (word >>> 31 === 0 ? 1 : -1)) };
}
