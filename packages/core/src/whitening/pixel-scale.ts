import type { WhiteningKind } from '../config.js';
import type { PixelScale } from '../place.js';
import type { Whitening } from './whitening.js';

/**
 * How to get back to pixels from images normalised by `whitening`, at a size where the transform's gain is `gain`.
 *
 * @param kind of whitening, which is known before the images are measured
 * @param whitening `null`: not measured yet
 * @param gain what a constant image of 1 has become at that size: see `transformGain`
 * @param coarseGain the same at the size below; default: no other
 */
export function pixelScale(
  kind: WhiteningKind,
  whitening: Whitening | null,
  channels: number,
  gain: number,
  coarseGain: number = gain,
): PixelScale {
  const { mean, scale } = whitening ? averages(whitening, channels) : guess(kind, channels);
  const at = (size: number): number[] => scale.map((value) => value / size);
  return {
    mean,
    scale: at(gain),
    exact: kind !== 'pixel',
    ...(coarseGain === gain ? {} : { coarseScale: at(coarseGain) }),
  };
}

interface Numbers {
  readonly mean: number[];
  readonly scale: number[];
}

function guess(kind: WhiteningKind, channels: number): Numbers {
  const all = (value: number): number[] => Array.from({ length: channels }, () => value);
  return { mean: all(127.5), scale: all(kind === 'range' ? 127.5 : 64) };
}

/** Of each channel, over the positions. */
function averages(whitening: Whitening, channels: number): Numbers {
  const { mean, scale } = whitening;
  const average = (values: Float32Array, channel: number): number => {
    let sum = 0;
    for (let at = channel; at < values.length; at += channels) sum += values[at] as number;
    return sum / (values.length / channels);
  };
  const of = Array.from({ length: channels }, (_, channel) => channel);
  return {
    mean: of.map((channel) => average(mean, channel)),
    scale: of.map((channel) => average(scale, channel)),
  };
}
