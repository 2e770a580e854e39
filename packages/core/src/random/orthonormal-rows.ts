import { randomStream } from './random-stream.js';

/**
 * Random rows of length 1 at right angles to each other, [rows, columns] with rows ≤ columns, keyed like a
 * {@link randomStream}: normal numbers made orthonormal by Gram and Schmidt, twice, in double precision with + − × ÷ √
 * only, so that they are the same on every machine.
 */
export function orthonormalRows(
  rows: number,
  columns: number,
  ...key: readonly (string | number)[]
): Float32Array {
  const basis: Float64Array[] = [];
  for (let row = 0; row < rows; row += 1) {
    const vector = Float64Array.from(randomStream(...key, row).normal(columns));
    // What one pass leaves by rounding, the second takes away.
    for (const other of [...basis, ...basis]) subtract(vector, other, dot(vector, other));
    const length = Math.sqrt(dot(vector, vector));
    basis.push(vector.map((value) => value / length));
  }
  return Float32Array.from({ length: rows * columns }, (_, at) => {
    const row = basis[Math.floor(at / columns)];
    return row?.[at % columns] ?? 0;
  });
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i += 1) sum += (a[i] as number) * (b[i] as number);
  return sum;
}

function subtract(from: Float64Array, direction: Float64Array, factor: number): void {
  for (let i = 0; i < from.length; i += 1)
    from[i] = (from[i] as number) - factor * (direction[i] as number);
}
