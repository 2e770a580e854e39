/**
 * The directions in which vectors differ most, by the cyclic Jacobi method on their covariance.
 *
 * @param vectors [n, length] row-major, n ≥ 1
 * @param count how many directions, at most `length`
 * @returns orthonormal rows [count, length], by falling variance; of each, the largest element is positive
 */
export function principalAxes(vectors: Float32Array, length: number, count: number): Float32Array {
  const { values, rows } = eigen(covariance(vectors, length), length);
  const order = Array.from(values.keys()).toSorted((a, b) => values[b]! - values[a]!);
  const axes = new Float32Array(count * length);
  order.slice(0, count).forEach((from, to) => {
    const axis = rows.subarray(from * length, (from + 1) * length);
    const largest = axis.reduce(
      (best, value) => (Math.abs(value) > Math.abs(best) ? value : best),
      0,
    );
    axis.forEach((value, i) => (axes[to * length + i] = largest < 0 ? -value : value));
  });
  return axes;
}

/** [length, length], about the mean. */
function covariance(vectors: Float32Array, length: number): Float64Array {
  const n = vectors.length / length;
  const means = new Float64Array(length);
  for (let i = 0; i < vectors.length; i += 1) means[i % length]! += (vectors[i] as number) / n;
  const matrix = new Float64Array(length * length);
  const centred = new Float64Array(length);
  for (let v = 0; v < n; v += 1) {
    for (let i = 0; i < length; i += 1)
      centred[i] = (vectors[v * length + i] as number) - (means[i] as number);
    for (let i = 0; i < length; i += 1) {
      const factor = (centred[i] as number) / n;
      for (let j = 0; j <= i; j += 1) matrix[i * length + j]! += factor * (centred[j] as number);
    }
  }
  for (let i = 0; i < length; i += 1)
    for (let j = 0; j < i; j += 1) matrix[j * length + i] = matrix[i * length + j] as number;
  return matrix;
}

/** Eigenvalues, and eigenvectors as rows, of a symmetric matrix, which is used up. */
function eigen(a: Float64Array, n: number): { values: Float64Array; rows: Float64Array } {
  const rows = new Float64Array(n * n);
  for (let i = 0; i < n; i += 1) rows[i * n + i] = 1;
  let size = 0;
  for (const value of a) size += value * value;
  for (let sweep = 0; sweep < 30; sweep += 1) {
    let off = 0;
    for (let p = 0; p < n; p += 1)
      for (let q = p + 1; q < n; q += 1) off += (a[p * n + q] as number) ** 2;
    if (off <= 1e-20 * size) break;
    for (let p = 0; p < n; p += 1) for (let q = p + 1; q < n; q += 1) rotate(a, rows, n, p, q);
  }
  return { values: Float64Array.from({ length: n }, (_, i) => a[i * n + i] as number), rows };
}

/** Turn axes p and q so that a[p, q] becomes 0. */
function rotate(a: Float64Array, rows: Float64Array, n: number, p: number, q: number): void {
  const apq = a[p * n + q] as number;
  if (apq === 0) return;
  const theta = ((a[q * n + q] as number) - (a[p * n + p] as number)) / (2 * apq);
  const t = Math.sign(theta || 1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1));
  const c = 1 / Math.sqrt(t * t + 1);
  const s = t * c;
  for (let k = 0; k < n; k += 1) {
    const kp = a[k * n + p] as number;
    const kq = a[k * n + q] as number;
    a[k * n + p] = c * kp - s * kq;
    a[k * n + q] = s * kp + c * kq;
  }
  for (let k = 0; k < n; k += 1) {
    const pk = a[p * n + k] as number;
    const qk = a[q * n + k] as number;
    a[p * n + k] = c * pk - s * qk;
    a[q * n + k] = s * pk + c * qk;
    const rp = rows[p * n + k] as number;
    const rq = rows[q * n + k] as number;
    rows[p * n + k] = c * rp - s * rq;
    rows[q * n + k] = s * rp + c * rq;
  }
}
