/** How numbers lie about 0: widely, or most of them near and few far out, as those of natural images' bands do. */
export interface BandMoments {
  readonly deviation: number;
  /** E[(x − μ)⁴] ÷ σ⁴: 3 for normal, 6 for Laplacian, 1.8 for uniform numbers; `null` if all are the same. */
  readonly kurtosis: number | null;
  /** Share of |x| below a tenth of σ: 0.080 for normal, 0.132 for Laplacian numbers; `null` as above. */
  readonly small: number | null;
}

/** Moments of all numbers together. */
export function bandMoments(values: ArrayLike<number>): BandMoments {
  const { length } = values;
  let mean = 0;
  for (let i = 0; i < length; i += 1) mean += (values[i] as number) / length;
  let second = 0;
  let fourth = 0;
  for (let i = 0; i < length; i += 1) {
    const square = ((values[i] as number) - mean) ** 2;
    second += square / length;
    fourth += square ** 2 / length;
  }
  const deviation = Math.sqrt(second);
  if (!(second > 0)) return { deviation: 0, kurtosis: null, small: null };
  let small = 0;
  for (let i = 0; i < length; i += 1)
    if (Math.abs(values[i] as number) < deviation / 10) small += 1;
  return { deviation, kurtosis: fourth / second ** 2, small: small / length };
}
