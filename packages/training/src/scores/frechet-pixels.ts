// The Fréchet distance between two sets of images taken as vectors of pixels, each set as a Gaussian:
// |μ₁ − μ₂|² + tr(Σ₁ + Σ₂ − 2·√(Σ₁Σ₂)). Dowson & Landau 1982; known from the "Inception distance", here on pixels.
import { boxBilinearTransform, type ImageBatch, LapyraError, type Size } from '@lapyra/core';
import { EigenvalueDecomposition, Matrix } from 'ml-matrix';

/** Larger images are averaged down: the covariance of all pixels would cost hours. */
const LARGEST = 16;

/** Mean and covariance of a set of images. */
export interface Moments {
  readonly mean: Float64Array;
  /** Population covariance, float64. */
  readonly covariance: Matrix;
  /** What each image deviates from the mean by, [N, dims], where they are fewer than their pixels. */
  readonly deviations?: Matrix;
}

/** The size at which images are compared: the smallest whole divisor that brings both sides to at most 16. */
export function frechetSize([height, width]: Size): Size {
  const divisor = Math.max(1, Math.ceil(Math.max(height, width) / LARGEST));
  return [Math.ceil(height / divisor), Math.ceil(width / divisor)];
}

/**
 * Mean and covariance of images' pixels, of images above 16×16 after box-averaging to {@link frechetSize}.
 *
 * @throws {LapyraError} `LAPYRA_SCORE_IMAGES` for fewer than two images
 */
export function pixelMoments(images: ImageBatch): Moments {
  const [count, height, width, channels] = images.shape;
  if (count < 2)
    throw new LapyraError(
      'LAPYRA_SCORE_IMAGES',
      `Fréchet distance: expected at least 2 images, got ${count}.`,
    );
  const size = frechetSize([height, width]);
  const small =
    size[0] === height && size[1] === width
      ? images
      : boxBilinearTransform.downsample(images, size);
  const dims = size[0] * size[1] * channels;
  const mean = new Float64Array(dims);
  for (let i = 0; i < small.data.length; i++)
    mean[i % dims] = (mean[i % dims] as number) + (small.data[i] as number) / count;
  const moments = { mean, covariance: covariance(small.data, mean, count) };
  if (count >= dims) return moments;
  const deviations = new Matrix(count, dims);
  for (let i = 0; i < small.data.length; i++)
    deviations.set(
      Math.floor(i / dims),
      i % dims,
      (small.data[i] as number) - (mean[i % dims] as number),
    );
  return { ...moments, deviations };
}

/** The Fréchet distance of two Gaussians, 0 for equal ones; never negative. */
export function frechetDistance(a: Moments, b: Moments): number {
  return frechetDistanceTo(a)(b);
}

/** {@link frechetDistance} to a fixed first Gaussian: half of the work is done once. Infinite if a moment is not finite. */
export function frechetDistanceTo(a: Moments): (b: Moments) => number {
  let root: Matrix | undefined;
  const traceA = a.covariance.trace();
  return (b) => {
    let means = 0;
    for (let i = 0; i < a.mean.length; i++)
      means += ((a.mean[i] as number) - (b.mean[i] as number)) ** 2;
    // The decomposition would not end on NaN.
    if (!Number.isFinite(means + b.covariance.sum())) return Number.POSITIVE_INFINITY;
    // √(Σ₁Σ₂) has the eigenvalues of √(√Σ₁ Σ₂ √Σ₁), which is symmetric.
    const product =
      productOfFew(a, b) ?? (root ??= squareRoot(a.covariance)).mmul(b.covariance).mmul(root);
    let trace = 0;
    for (const value of symmetricEigen(product).realEigenvalues)
      trace += Math.sqrt(Math.max(0, value));
    return Math.max(0, means + traceA + b.covariance.trace() - 2 * trace);
  };
}

function squareRoot(matrix: Matrix): Matrix {
  const { realEigenvalues: values, eigenvectorMatrix: vectors } = symmetricEigen(matrix);
  const scaled = vectors.clone(); // V·√Λ·Vᵀ
  for (let column = 0; column < scaled.columns; column++)
    scaled.mulColumn(column, Math.sqrt(Math.max(0, values[column] ?? 0)));
  return scaled.mmul(vectors.transpose());
}

function symmetricEigen(matrix: Matrix): EigenvalueDecomposition {
  return new EigenvalueDecomposition(matrix, { assumeSymmetric: true });
}

/**
 * A symmetric matrix with the eigenvalues of Σ₁Σ₂ other than 0, as small as the smaller set of images: with Σ₁ = XᵀX/n and
 * Σ₂ = YᵀY/m those are the eigenvalues of (XYᵀ)(XYᵀ)ᵀ/nm. `null` if neither set is smaller than its images' pixels.
 */
function productOfFew({ deviations: x }: Moments, { deviations: y }: Moments): Matrix | null {
  if (!x || !y) return null;
  const [few, more] = x.rows <= y.rows ? [x, y] : [y, x];
  const between = few.mmul(more.transpose());
  return between.mmul(between.transpose()).div(x.rows * y.rows);
}

function covariance(data: Float32Array, mean: Float64Array, count: number): Matrix {
  const dims = mean.length;
  const sums = new Float64Array(dims * dims);
  const row = new Float64Array(dims);
  for (let n = 0; n < count; n++) {
    for (let i = 0; i < dims; i++) row[i] = (data[n * dims + i] as number) - (mean[i] as number);
    for (let i = 0; i < dims; i++) {
      const x = row[i] as number;
      for (let j = i, at = i * dims + i; j < dims; j++, at++)
        sums[at] = (sums[at] as number) + x * (row[j] as number);
    }
  }
  const matrix = new Matrix(dims, dims);
  for (let i = 0; i < dims; i++)
    for (let j = i; j < dims; j++) {
      const value = (sums[i * dims + j] as number) / count;
      matrix.set(i, j, value);
      matrix.set(j, i, value);
    }
  return matrix;
}
