// Resampling along one axis as a list of weights: output i is the sum of weights[k] · input[starts[i] + k − offsets[i]]
// for k from offsets[i] to offsets[i + 1]. All transforms here are separable: two such lists say everything.

/** How each of `to` numbers along an axis is made of neighbouring ones of `from`. */
export interface AxisWeights {
  readonly from: number;
  readonly to: number;
  /** First input of each output [to]. */
  readonly starts: Int32Array;
  /** Where the weights of each output begin in `weights` [to + 1]. */
  readonly offsets: Int32Array;
  readonly weights: Float64Array;
}

/** Weights from a rule: the inputs of output `i` and their weights, in any order; those of the same input add up. */
export function axisWeights(
  from: number,
  to: number,
  rule: (i: number) => readonly (readonly [input: number, weight: number])[],
): AxisWeights {
  const starts = new Int32Array(to);
  const offsets = new Int32Array(to + 1);
  const weights: number[] = [];
  for (let i = 0; i < to; i += 1) {
    const taps = rule(i).filter(([, weight]) => weight !== 0);
    const first = Math.min(...taps.map(([input]) => input));
    const last = Math.max(...taps.map(([input]) => input));
    const row = Array.from({ length: last - first + 1 }, () => 0);
    for (const [input, weight] of taps) row[input - first] = (row[input - first] ?? 0) + weight;
    starts[i] = first;
    weights.push(...row);
    offsets[i + 1] = weights.length;
  }
  return { from, to, starts, offsets, weights: Float64Array.from(weights) };
}

/**
 * Area average: output i is the mean over [i · from/to, (i + 1) · from/to), edge pixels counted by the part that lies
 * inside. `from` ≥ `to`.
 */
export function boxWeights(from: number, to: number): AxisWeights {
  return axisWeights(from, to, (i) => {
    // In units of 1/to of an input pixel all borders are whole numbers, so the weights are exact quotients.
    const begin = i * from;
    const end = begin + from;
    const taps: [number, number][] = [];
    for (let input = Math.floor(begin / to); input * to < end; input += 1) {
      const inside = Math.min((input + 1) * to, end) - Math.max(input * to, begin);
      taps.push([input, inside / from]);
    }
    return taps;
  });
}

/**
 * Linear interpolation with aligned corners: output i lies at i · (from − 1)/(to − 1), so the first and the last pixels
 * keep their values. `from` ≤ `to`; a single input is repeated.
 */
export function linearWeights(from: number, to: number): AxisWeights {
  return axisWeights(from, to, (i) => {
    if (from === 1) return [[0, 1]];
    const steps = to - 1;
    const position = i * (from - 1);
    const below = Math.floor(position / steps);
    const fraction = (position - below * steps) / steps;
    return [
      [below, 1 - fraction],
      [below + 1, fraction],
    ];
  });
}

/** The weights as a matrix [to, from], row-major. */
export function axisMatrix(axis: AxisWeights): Float32Array {
  const matrix = new Float32Array(axis.to * axis.from);
  for (let i = 0; i < axis.to; i += 1) {
    const begin = axis.offsets[i] as number;
    const row = axis.weights.subarray(begin, axis.offsets[i + 1]);
    matrix.set(row, i * axis.from + (axis.starts[i] as number));
  }
  return matrix;
}
