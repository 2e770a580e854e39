// The LAPGAN authors' own early-stopping distance: how near the nearest of k images, drawn from the true coarse image,
// comes to the one true image. Adversarial training makes it worse while pictures get better: reported, never steered by.
import { type ImageBatch, LapyraError } from '@lapyra/core';

/** Finds the nearest of several draws. */
export interface NearestOfK {
  /** Compare one more image drawn for each true image: [n, H, W, C]. */
  add(drawn: ImageBatch): void;
  /** The mean over the true images of the least Euclidean distance, in normalised units. */
  mean(): number;
}

/**
 * @param images the true images [n, H, W, C]
 * @throws {LapyraError} `LAPYRA_SCORE_IMAGES` for no images; from `add`, for other shapes
 */
export function nearestOfK(images: ImageBatch): NearestOfK {
  const [count] = images.shape;
  if (count === 0)
    throw new LapyraError('LAPYRA_SCORE_IMAGES', 'nearest of k: expected images, got none.');
  const pixels = images.data.length / count;
  const least = new Float64Array(count).fill(Number.POSITIVE_INFINITY); // squared
  return {
    add: ({ shape, data }) => {
      if (shape.join() !== images.shape.join())
        throw new LapyraError(
          'LAPYRA_SCORE_IMAGES',
          `nearest of k: expected images [${images.shape.join(', ')}], got [${shape.join(', ')}].`,
        );
      for (let n = 0; n < count; n++) {
        let sum = 0;
        for (let i = n * pixels; i < (n + 1) * pixels; i++)
          sum += ((data[i] as number) - (images.data[i] as number)) ** 2;
        // A draw that is not finite is no draw: it must not win, nor hide the others.
        if (sum < (least[n] as number)) least[n] = sum;
      }
    },
    mean: () => least.reduce((sum, squared) => sum + Math.sqrt(squared), 0) / count,
  };
}
