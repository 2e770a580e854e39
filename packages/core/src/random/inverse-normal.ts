// The quantile function of the standard normal distribution, made of + − × ÷ √ and the bits of a double's exponent:
// IEEE 754 fixes the results to the bit, while Math.log, Math.sin and the like differ between JavaScript engines.
// M. J. Wichura, "Algorithm AS 241: The percentage points of the normal distribution", Applied Statistics 37 (1988),
// 477–484, routine PPND16: one quotient of polynomials for each of three ranges.

/**
 * The x with Φ(x) = p, to a relative error of about 1e-16 and with the same bits on every engine (AS 241).
 *
 * @param p in (0, 1); 0 and 1 give −∞ and ∞, anything else NaN
 */
export function inverseNormal(p: number): number {
  const q = p - 0.5;
  if (q >= -0.425 && q <= 0.425) return centre(q);
  const outside = q < 0 ? p : 1 - p;
  if (outside === 0) return q < 0 ? -Infinity : Infinity;
  if (!(outside > 0)) return Number.NaN;
  const root = Math.sqrt(-logarithm(outside));
  const x = root <= 5 ? tail(root) : farTail(root);
  return q < 0 ? -x : x;
}

/** Reused by `logarithm`, which leaves nothing in it: allocating one per number is slow. */
const scratch = new DataView(new ArrayBuffer(8));
const LN2 = 0.6931471805599453;
const TINY = 2.2250738585072014e-308; // the smallest normal number, 2⁻¹⁰²²

/**
 * The natural logarithm of a positive finite number, with the same bits on every engine: its exponent apart, then
 * ln m = 2·artanh((m − 1) ÷ (m + 1)) for √½ < m ≤ √2 as a series; relative error about 4e-16.
 */
export function logarithm(value: number): number {
  const normal = value >= TINY;
  scratch.setFloat64(0, normal ? value : value * 0x40_0000_0000_0000); // subnormal numbers times 2⁵⁴
  const head = scratch.getInt32(0);
  let exponent = (head >>> 20) - (normal ? 1023 : 1077);
  scratch.setInt32(0, (head & 0xf_ffff) | 0x3ff0_0000);
  let m = scratch.getFloat64(0); // [1, 2)
  if (m > Math.SQRT2) {
    m /= 2;
    exponent += 1;
  }
  const s = (m - 1) / (m + 1);
  const t = s * s;
  let sum = 1 / 21;
  sum = sum * t + 1 / 19;
  sum = sum * t + 1 / 17;
  sum = sum * t + 1 / 15;
  sum = sum * t + 1 / 13;
  sum = sum * t + 1 / 11;
  sum = sum * t + 1 / 9;
  sum = sum * t + 1 / 7;
  sum = sum * t + 1 / 5;
  sum = sum * t + 1 / 3;
  return exponent * LN2 + 2 * s * (1 + sum * t);
}

/** |p − ½| ≤ 0.425; q = p − ½. */
function centre(q: number): number {
  const r = 0.180625 - q * q;
  let above = 2509.0809287301226727;
  above = above * r + 33430.575583588128105;
  above = above * r + 67265.770927008700853;
  above = above * r + 45921.953931549871457;
  above = above * r + 13731.693765509461125;
  above = above * r + 1971.5909503065514427;
  above = above * r + 133.14166789178437745;
  above = above * r + 3.387132872796366608;
  let below = 5226.495278852854561;
  below = below * r + 28729.085735721942674;
  below = below * r + 39307.89580009271061;
  below = below * r + 21213.794301586595867;
  below = below * r + 5394.1960214247511077;
  below = below * r + 687.1870074920579083;
  below = below * r + 42.313330701600911252;
  below = below * r + 1;
  return (q * above) / below;
}

/** root = √(−ln p) ≤ 5, for p below 0.075. */
function tail(root: number): number {
  const r = root - 1.6;
  let above = 7.7454501427834140764e-4;
  above = above * r + 0.0227238449892691845833;
  above = above * r + 0.24178072517745061177;
  above = above * r + 1.27045825245236838258;
  above = above * r + 3.64784832476320460504;
  above = above * r + 5.7694972214606914055;
  above = above * r + 4.6303378461565452959;
  above = above * r + 1.42343711074968357734;
  let below = 1.05075007164441684324e-9;
  below = below * r + 5.475938084995344946e-4;
  below = below * r + 0.0151986665636164571966;
  below = below * r + 0.14810397642748007459;
  below = below * r + 0.68976733498510000455;
  below = below * r + 1.6763848301838038494;
  below = below * r + 2.05319162663775882187;
  below = below * r + 1;
  return above / below;
}

/** root > 5, which is p < 1.4e-11. */
function farTail(root: number): number {
  const r = root - 5;
  let above = 2.01033439929228813265e-7;
  above = above * r + 2.71155556874348757815e-5;
  above = above * r + 0.0012426609473880784386;
  above = above * r + 0.026532189526576123093;
  above = above * r + 0.29656057182850489123;
  above = above * r + 1.7848265399172913358;
  above = above * r + 5.4637849111641143699;
  above = above * r + 6.6579046435011037772;
  let below = 2.04426310338993978564e-15;
  below = below * r + 1.4215117583164458887e-7;
  below = below * r + 1.8463183175100546818e-5;
  below = below * r + 7.868691311456132591e-4;
  below = below * r + 0.0148753612908506148525;
  below = below * r + 0.13692988092273580531;
  below = below * r + 0.59983220655588793769;
  below = below * r + 1;
  return above / below;
}
