/** A code for whole numbers: how many bits each takes. */
export interface Code {
  /** Mean bits a number. */
  bits(values: ArrayLike<number>, every?: Every): number;
}

/** Which of the values count: from the first one, each `step`-th. */
export interface Every {
  readonly first: number;
  readonly step: number;
}

const ALL: Every = { first: 0, step: 1 };

/** Differences of two pixels. */
const LARGEST = 255;
const SYMBOLS = 2 * LARGEST + 1;

/**
 * The best static code for whole numbers of −255…255 as often as they stand in `values`: −log₂ of their share, each
 * counted once half more than it is there (Krichevsky & Trofimov 1981), so that every number has a code.
 *
 * Measured on other numbers of the same distribution, the mean length is an upper bound of their entropy, in expectation:
 * the cross-entropy of the two is never less. Numbers beyond ±255 count as ±255.
 */
export function histogramCode(values: ArrayLike<number>, every: Every = ALL): Code {
  const counts = new Float64Array(SYMBOLS).fill(0.5);
  for (let i = every.first; i < values.length; i += every.step) {
    const at = symbol(values[i] as number);
    counts[at] = (counts[at] as number) + 1;
  }
  const total = counts.reduce((sum, count) => sum + count, 0);
  const lengths = counts.map((count) => -Math.log2(count / total));
  return {
    bits: (others, { first, step } = ALL) => {
      let sum = 0;
      let count = 0;
      for (let i = first; i < others.length; i += step, count += 1)
        sum += lengths[symbol(others[i] as number)] as number;
      return sum / count;
    },
  };
}

function symbol(value: number): number {
  return Math.max(-LARGEST, Math.min(LARGEST, value)) + LARGEST;
}
