// What likelihoods are compared with: pixels that know nothing of each other, each with the histogram of its position.
import { LapyraError } from '@lapyra/core';

/** Counts of 8-bit values, for each place of an image (position and channel) on its own. */
export interface PixelHistograms {
  /** Count the values of some images: [n, places]. */
  add(pixels: Uint8Array): void;
  /**
   * Bits per place with which each image is told: −log₂ of (count + 1)/(images + 256), averaged over the places. One is
   * added to every count, so that no value is impossible.
   */
  bits(pixels: Uint8Array): Float64Array;
}

/** @param places numbers in an image: H·W·C */
export function pixelHistograms(places: number): PixelHistograms {
  const counts = new Uint32Array(places * 256);
  let images = 0;
  const check = (pixels: Uint8Array): number => {
    const given = pixels.length / places;
    if (Number.isInteger(given)) return given;
    throw new LapyraError(
      'LAPYRA_SCORE_IMAGES',
      `pixel histograms: expected images of ${places} numbers, got ${pixels.length} in all.`,
    );
  };
  return {
    add: (pixels) => {
      images += check(pixels);
      pixels.forEach((value, at) => (counts[(at % places) * 256 + value]! += 1));
    },
    bits: (pixels) => {
      const sums = new Float64Array(check(pixels));
      pixels.forEach((value, at) => {
        const share = (counts[(at % places) * 256 + value]! + 1) / (images + 256);
        sums[Math.floor(at / places)]! -= Math.log2(share);
      });
      return sums.map((sum) => sum / places);
    },
  };
}
