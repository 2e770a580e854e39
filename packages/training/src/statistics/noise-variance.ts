// How much of what a level draws its noise explains: the law of total variance, Var(h) = E[Var(h | coarse)] +
// Var(E[h | coarse]), where only the noise differs between draws from one coarse image. Both terms are estimated without
// bias by a one-way analysis of variance with random effects (Searle, Casella & McCulloch, "Variance Components", 1992).
import { type ImageBatch, LapyraError } from '@lapyra/core';

/** Variances of what was drawn, means over positions and channels, in squared normalised units. */
export interface NoiseVariance {
  /** E[Var(h | coarse)]: between draws from the same coarse image. */
  readonly byNoise: number;
  /** Var(E[h | coarse]): between coarse images. Never negative. */
  readonly byCoarse: number;
  /** byNoise ÷ (byNoise + byCoarse), in [0, 1]; `null` if nothing varies. */
  readonly share: number | null;
}

/** Collects draws, one round after the other. */
export interface NoiseVarianceMeter {
  /** One more draw for each image: [n, H, W, C]. */
  add(drawn: ImageBatch): void;
  result(): NoiseVariance;
}

/**
 * A meter for several draws of the same images.
 *
 * @throws {LapyraError} `LAPYRA_SCORE_IMAGES` from `add` for other shapes, from `result` for fewer than two images or
 * draws, or for draws that are not finite
 */
export function noiseVarianceMeter(): NoiseVarianceMeter {
  let shape: ImageBatch['shape'] | null = null;
  let rounds = 0;
  // Per element of [n, H, W, C]: the mean so far, and the sum of squared deviations from it (Welford 1962).
  let means = new Float64Array(0);
  let squares = new Float64Array(0);
  return {
    add: (drawn) => {
      if (!shape) {
        ({ shape } = drawn);
        means = new Float64Array(drawn.data.length);
        squares = new Float64Array(drawn.data.length);
      }
      if (drawn.shape.join() !== shape.join())
        throw refusal(`draws [${shape.join(', ')}]`, `[${drawn.shape.join(', ')}]`);
      rounds += 1;
      for (let i = 0; i < means.length; i += 1) {
        const value = drawn.data[i] as number;
        const off = value - (means[i] as number);
        means[i] = (means[i] as number) + off / rounds;
        squares[i] = (squares[i] as number) + off * (value - (means[i] as number));
      }
    },
    result: () => {
      const images = shape?.[0] ?? 0;
      if (images < 2 || rounds < 2)
        throw refusal(
          'two or more images and draws of each',
          `${images} images, ${rounds} draws of each`,
        );
      return analyse(means, squares, images, rounds);
    },
  };
}

/** Mean squares within images and between them, summed over positions, and what they expect. */
function analyse(
  means: Float64Array,
  squares: Float64Array,
  images: number,
  rounds: number,
): NoiseVariance {
  const positions = means.length / images;
  let within = 0;
  let between = 0;
  for (let position = 0; position < positions; position += 1) {
    let mean = 0;
    for (let n = 0; n < images; n += 1)
      mean += (means[n * positions + position] as number) / images;
    for (let n = 0; n < images; n += 1) {
      within += squares[n * positions + position] as number;
      between += ((means[n * positions + position] as number) - mean) ** 2;
    }
  }
  const byNoise = within / (images * (rounds - 1)) / positions;
  // The means of few draws vary by the noise too: E[between] is Var(E[h | coarse]) + byNoise ÷ rounds.
  const byCoarse = Math.max(0, between / (images - 1) / positions - byNoise / rounds);
  if (!Number.isFinite(byNoise + byCoarse)) throw refusal('finite draws', 'others');
  const total = byNoise + byCoarse;
  return { byNoise, byCoarse, share: total > 0 ? byNoise / total : null };
}

function refusal(expected: string, got: string): LapyraError {
  return new LapyraError(
    'LAPYRA_SCORE_IMAGES',
    `variance by noise: expected ${expected}, got ${got}.`,
  );
}
