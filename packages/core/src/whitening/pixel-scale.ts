import type { WhiteningKind } from '../config.js';
import type { PixelScale } from '../place.js';
import type { Whitening } from './whitening.js';

/**
 * How to get back to pixels from images normalised by `whitening`, at a size where the transform's gain is `gain`.
 *
 * @param kind of whitening, which is known before the images are measured
 * @param whitening `null`: not measured yet
 * @param gain what a constant image of 1 has become at that size: see `transformGain`
 */
export function pixelScale(
  kind: WhiteningKind,
  whitening: Whitening | null,
  channels: number,
  gain: number,
): PixelScale {
  const exact = kind !== 'pixel';
  if (!whitening) {
    return {
      mean: Array.from({ length: channels }, () => 127.5),
      scale: Array.from({ length: channels }, () => (kind === 'range' ? 127.5 : 64) / gain),
      exact,
    };
  }
  const { mean, scale } = whitening;
  const average = (values: Float32Array, channel: number): number => {
    let sum = 0;
    for (let at = channel; at < values.length; at += channels) sum += values[at] as number;
    return sum / (values.length / channels);
  };
  const of = Array.from({ length: channels }, (_, channel) => channel);
  return {
    mean: of.map((channel) => average(mean, channel)),
    scale: of.map((channel) => average(scale, channel) / gain),
    exact,
  };
}
