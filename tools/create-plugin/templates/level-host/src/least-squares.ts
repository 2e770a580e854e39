/** The weights w with the least Σ (w · x − y)² over all pairs that were added. */
export interface LeastSquares {
  add(x: ArrayLike<number>, y: number): void;
  solve(): Float64Array;
}

/** A part of each variable's square that is added to it, so that variables that say the same have an answer. */
const RIDGE = 1e-6;

/** By the normal equations XᵀX w = Xᵀy and Cholesky's decomposition. */
export function createLeastSquares(length: number): LeastSquares {
  const products = new Float64Array(length * length); // lower triangle of XᵀX
  const right = new Float64Array(length);
  return {
    add: (x, y) => {
      for (let row = 0; row < length; row++) {
        const value = x[row]!;
        right[row]! += value * y;
        for (let column = 0; column <= row; column++)
          products[row * length + column]! += value * x[column]!;
      }
    },
    solve: () => {
      const lower = products.slice();
      for (let row = 0; row < length; row++) {
        const diagonal = row * length + row;
        lower[diagonal] = lower[diagonal]! * (1 + RIDGE) + Number.MIN_VALUE;
      }
      decompose(lower, length);
      return backward(lower, forward(lower, right.slice(), length), length);
    },
  };
}

/** A → L with L Lᵀ = A, in place. */
function decompose(a: Float64Array, length: number): void {
  for (let row = 0; row < length; row++)
    for (let column = 0; column <= row; column++) {
      let sum = a[row * length + column]!;
      for (let k = 0; k < column; k++) sum -= a[row * length + k]! * a[column * length + k]!;
      a[row * length + column] =
        row === column ? Math.sqrt(sum) : sum / a[column * length + column]!;
    }
}

function forward(lower: Float64Array, b: Float64Array, length: number): Float64Array {
  for (let row = 0; row < length; row++) {
    for (let k = 0; k < row; k++) b[row]! -= lower[row * length + k]! * b[k]!;
    b[row]! /= lower[row * length + row]!;
  }
  return b;
}

function backward(lower: Float64Array, b: Float64Array, length: number): Float64Array {
  for (let row = length - 1; row >= 0; row--) {
    for (let k = row + 1; k < length; k++) b[row]! -= lower[k * length + row]! * b[k]!;
    b[row]! /= lower[row * length + row]!;
  }
  return b;
}
