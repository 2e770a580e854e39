// Reductions for graphics cards. ONNX Runtime's WebGPU provider gives each result to one group of threads: a sum of all numbers of a
// large tensor keeps a single group busy and the rest of the card idle. In stages of some hundred numbers there are enough groups.
import type { OnnxValue } from '../onnx/onnx-graph.js';
import type { Lowering } from './lowering.js';

/** One stage of a reduction over some axes, which are gone afterwards. */
export type Reduction = (x: OnnxValue, axes: readonly number[]) => OnnxValue;

/** From this many numbers a result on, unless there are as many results. */
const MANY = 4096;
/** How many numbers of a result a stage takes at most, and at least if it has to divide an axis for it. */
const MOST = 2048;
const LEAST = 32;

interface Part {
  readonly size: number;
  readonly reduced: boolean;
}

/**
 * A sum, mean, product or extreme in stages.
 *
 * @param axes  ascending
 * @returns the result without the axes, or null if one stage is as good
 */
export function reduceInStages(
  l: Lowering,
  x: OnnxValue,
  axes: readonly number[],
  reduce: Reduction,
): OnnxValue | null {
  let parts = neighboursJoined(
    x.shape.map((size, axis) => ({ size, reduced: axes.includes(axis) })),
  );
  let value = x;
  let stages = 0;
  while (parts.some(({ reduced }) => reduced)) {
    const next = nextStage(parts);
    if (next === null && stages === 0) return null;
    const { shape, stage, left } = next ?? allAtOnce(parts);
    value = reduce(l.reshape(value, shape), stage);
    parts = neighboursJoined(left);
    stages += 1;
  }
  return l.reshape(
    value,
    x.shape.filter((_, axis) => !axes.includes(axis)),
  );
}

interface Stage {
  readonly shape: readonly number[];
  readonly stage: readonly number[];
  readonly left: readonly Part[];
}

/** Reduces the last part, or some of it; null if there is no need. */
function nextStage(parts: readonly Part[]): Stage | null {
  const count = (reduced: boolean): number =>
    parts.reduce((product, part) => product * (part.reduced === reduced ? part.size : 1), 1);
  if (count(true) < MANY || count(false) >= MANY) return null;
  const at = parts.findLastIndex(({ reduced }) => reduced);
  const { size } = parts[at] as Part;
  const others = parts.filter(({ reduced }) => reduced).length - 1;
  if (size <= MOST) {
    if (others === 0) return null;
    return {
      shape: parts.map((part) => part.size),
      stage: [at],
      left: parts.filter((_, i) => i !== at),
    };
  }
  const inner = largestDivisor(size, MOST);
  if (inner < LEAST) return null;
  const divided = parts.flatMap((part, i) =>
    i === at
      ? [
          { ...part, size: size / inner },
          { ...part, size: inner },
        ]
      : [part],
  );
  return {
    shape: divided.map((part) => part.size),
    stage: [at + 1],
    left: divided.filter((_, i) => i !== at + 1),
  };
}

function allAtOnce(parts: readonly Part[]): Stage {
  return {
    shape: parts.map(({ size }) => size),
    stage: parts.flatMap(({ reduced }, i) => (reduced ? [i] : [])),
    left: parts.filter(({ reduced }) => !reduced),
  };
}

function neighboursJoined(parts: readonly Part[]): Part[] {
  return parts.reduce<Part[]>((joined, part) => {
    const last = joined.at(-1);
    return last?.reduced === part.reduced
      ? [...joined.slice(0, -1), { ...last, size: last.size * part.size }]
      : [...joined, part];
  }, []);
}

function largestDivisor(size: number, most: number): number {
  for (let divisor = most; divisor > 1; divisor -= 1) if (size % divisor === 0) return divisor;
  return 1;
}
