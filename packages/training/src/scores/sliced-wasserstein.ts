// The sliced Wasserstein distance between sets of image patches: project both onto random directions, sort, and take
// the mean difference of equal ranks; smaller patches of images than whole images make it sensitive to texture.
// After Rabin et al. 2012 (sliced Wasserstein) and Karras et al. 2018 (on patches of Laplacian pyramids).
import { type ImageBatch, LapyraError, randomStream } from '@lapyra/core';

export interface PatchOptions {
  /** Side of the square patches. @default 5 */
  readonly side?: number;
  /** Patches per image. @default 16 */
  readonly perImage?: number;
  /** Random directions. @default 128 */
  readonly projections?: number;
  readonly seed: number;
}

/** Some patches of a set of images, projected onto directions: a row per direction, each sorted. */
export interface ProjectedPatches {
  /** [projections][images · perImage], ascending. */
  readonly rows: readonly Float32Array[];
}

/** `16 patches of 5×5 per image, 128 projections, seed 1`. */
export function patchProtocol(options: PatchOptions): string {
  const { side, perImage, projections, seed } = withDefaults(options);
  return `${perImage} patches of ${side}×${side} per image, ${projections} projections, seed ${seed}`;
}

/**
 * Patches at random places, the same for any images of the same shape, projected onto random unit vectors of the
 * side·side·C dimensional patch space and sorted.
 *
 * @throws {LapyraError} `LAPYRA_SCORE_IMAGES` for no images
 */
export function projectPatches(images: ImageBatch, options: PatchOptions): ProjectedPatches {
  const [count, height, width, channels] = images.shape;
  if (count === 0)
    throw new LapyraError('LAPYRA_SCORE_IMAGES', 'patches: expected images, got none.');
  const { side, perImage, projections, seed } = withDefaults(options);
  const [h, w] = [Math.min(side, height), Math.min(side, width)]; // small images are one patch
  const dims = h * w * channels;
  const patches = count * perImage;
  const ys = randomStream(seed, 'patches', 'y').integers(patches, height - h + 1);
  const xs = randomStream(seed, 'patches', 'x').integers(patches, width - w + 1);
  const values = new Float32Array(patches * dims); // [patches, dims]
  for (let p = 0; p < patches; p++) {
    const image = Math.floor(p / perImage);
    for (let i = 0; i < h; i++) {
      const from =
        ((image * height + (ys[p] as number) + i) * width + (xs[p] as number)) * channels;
      values.set(images.data.subarray(from, from + w * channels), p * dims + i * w * channels);
    }
  }
  const rows: Float32Array[] = [];
  for (let index = 0; index < projections; index += 4) {
    const four = [0, 1, 2, 3].map((k) => direction(dims, seed, index + k));
    rows.push(...projectOnFour(values, dims, four));
  }
  rows.length = projections;
  for (const row of rows) row.sort();
  return { rows };
}

/**
 * The mean over directions of the one-dimensional Wasserstein distance W₁ (mean |difference| of equal ranks).
 *
 * @throws {LapyraError} `LAPYRA_SCORE_IMAGES` if the sets differ in number
 */
export function slicedWasserstein(a: ProjectedPatches, b: ProjectedPatches): number {
  let sum = 0;
  a.rows.forEach((row, index) => {
    const other = b.rows[index];
    if (other?.length !== row.length)
      throw new LapyraError(
        'LAPYRA_SCORE_IMAGES',
        `sliced Wasserstein: expected two sets of ${row.length} patches, got ${other?.length ?? 0}.`,
      );
    let difference = 0;
    for (let i = 0; i < row.length; i++)
      difference += Math.abs((row[i] as number) - (other[i] as number));
    sum += difference / row.length;
  });
  return sum / a.rows.length;
}

function withDefaults({
  side = 5,
  perImage = 16,
  projections = 128,
  seed,
}: PatchOptions): Required<PatchOptions> {
  return { side, perImage, projections, seed };
}

/** Uniform on the unit sphere. */
function direction(dims: number, seed: number, index: number): Float32Array {
  const vector = randomStream(seed, 'projection', index).normal(dims);
  const length = Math.hypot(...vector);
  return vector.map((x) => x / length);
}

/** Onto four directions at once: the patches are read from memory a quarter as often. */
function projectOnFour(
  values: Float32Array,
  dims: number,
  onto: readonly Float32Array[],
): Float32Array[] {
  const [a, b, c, d] = onto as [Float32Array, Float32Array, Float32Array, Float32Array];
  const patches = values.length / dims;
  const [outA, outB, outC, outD] = [0, 1, 2, 3].map(() => new Float32Array(patches)) as [
    Float32Array,
    Float32Array,
    Float32Array,
    Float32Array,
  ];
  for (let p = 0, at = 0; p < patches; p++) {
    let sumA = 0;
    let sumB = 0;
    let sumC = 0;
    let sumD = 0;
    for (let i = 0; i < dims; i++, at++) {
      const x = values[at] as number;
      sumA += x * (a[i] as number);
      sumB += x * (b[i] as number);
      sumC += x * (c[i] as number);
      sumD += x * (d[i] as number);
    }
    outA[p] = sumA;
    outB[p] = sumB;
    outC[p] = sumC;
    outD[p] = sumD;
  }
  return [outA, outB, outC, outD];
}
