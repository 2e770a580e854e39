// How far sets of whole images are apart, at every size of a pyramid: each image is taken apart by the transform, and the
// patches of each band are compared. After Karras et al. 2018, who compare patches of Laplacian pyramids likewise.
import {
  type ImageBatch,
  imageBatch,
  plainViews,
  type PlainTransform,
  type Size,
  sizeName,
} from '@lapyra/core';
import { patchProtocol, projectPatches, slicedWasserstein } from './sliced-wasserstein.js';

export interface PyramidWassersteinOptions {
  readonly transform: PlainTransform;
  /** From coarse to fine; images have the last one. */
  readonly sizes: readonly Size[];
  readonly seed: number;
}

export interface PyramidDistance {
  /** The mean over the sizes. */
  readonly whole: number;
  /** From coarse to fine: of the images at the first size, of the bands at the others. */
  readonly bySize: readonly number[];
}

/** What is measured, in words. */
export function pyramidProtocol({ sizes, seed }: PyramidWassersteinOptions): string {
  const names = sizes.map((size) => sizeName(size)).join(', ');
  return `sliced Wasserstein distance × 1000 ÷ deviation, mean over the bands of ${names}, ${patchProtocol({ seed })}`;
}

/**
 * Distances to a set of true images: at each size 1000 × the sliced Wasserstein distance between the patches of both sets'
 * bands, ÷ the standard deviation of the true ones' values (so that sizes count alike), and the mean over the sizes.
 *
 * @param truth normalised [n, H, W, C]
 * @returns measures as many other images
 */
export function pyramidDistanceTo(
  truth: ImageBatch,
  options: PyramidWassersteinOptions,
): (images: ImageBatch) => PyramidDistance {
  const { sizes, seed } = options;
  const known = sizes.map((_, index) => {
    const band = bandAt(truth, options, index);
    return { patches: projectPatches(band, { seed }), deviation: deviation(band.data) };
  });
  return (images) => {
    const bySize = known.map(({ patches, deviation: unit }, index) => {
      const drawn = projectPatches(bandAt(images, options, index), { seed });
      return (1000 * slicedWasserstein(patches, drawn)) / unit;
    });
    return { whole: bySize.reduce((sum, value) => sum + value, 0) / bySize.length, bySize };
  };
}

const AT_ONCE = 64;

/** The bands of some images at a size; at the first the images themselves. */
function bandAt(
  images: ImageBatch,
  { transform, sizes }: PyramidWassersteinOptions,
  index: number,
): ImageBatch {
  const [count, ...rest] = images.shape;
  const each = images.data.length / count;
  const size = sizes[index] as Size;
  const all = imageBatch([count, ...size, rest[2]]);
  const own = all.data.length / count;
  for (let first = 0; first < count; first += AT_ONCE) {
    const last = Math.min(count, first + AT_ONCE);
    const some = imageBatch(
      [last - first, ...rest],
      images.data.subarray(first * each, last * each),
    );
    const { band, image } = plainViews(transform, some, sizes, index);
    all.data.set((band ?? image).data, first * own);
  }
  return all;
}

function deviation(values: Float32Array): number {
  let sum = 0;
  let squares = 0;
  for (const value of values) {
    sum += value;
    squares += value * value;
  }
  const mean = sum / values.length;
  return Math.sqrt(Math.max(squares / values.length - mean * mean, 1e-12));
}
