import {
  definePlugin,
  type FitContext,
  hostSampler,
  LapyraError,
  type Level,
  type LevelData,
  type LevelPlace,
  type Plugin,
  sizeName,
  type TensorValue,
  type TensorValues,
} from '@lapyra/core';
import { createLeastSquares } from './least-squares.js';
import { type MyPluginInput, type MyPluginOptions, myPluginOptions } from './options.js';

/** Images that are read at once. */
const BATCH = 32;

/**
 * A refining level that runs on the host, without tensor programs: each value of the band is the same weighted sum of the
 * pixels around it in the enlarged image below. The weights are those with the least squared error.
 */
export const myPlugin: Plugin<'level', MyPluginInput, MyPluginOptions> = definePlugin({
  kind: 'level',
  use: 'lapyra-kind-my-plugin#myPlugin',
  summary: 'the linear filter that best predicts the detail of an image from the image below',
  options: myPluginOptions,
  create: createMyPlugin,
});

function createMyPlugin({ radius, images }: MyPluginOptions, place: LevelPlace): Level {
  if (!place.coarse)
    throw new LapyraError(
      'LAPYRA_LEVEL_PLACE',
      `myPlugin at ${sizeName(place.size)}: expected a level below, got the first place of the pyramid.`,
      { hint: 'Put another level first.' },
    );
  return {
    place,
    noise: {}, // nothing is left to chance
    output: 'band',
    sampler: hostSampler(async ({ weights }, { low }) => filtered(low!, weights!, radius)),
    training: {
      kind: 'host',
      fit: (data, context) => fit(data, context, radius, images),
    },
  };
}

/** Reads what it wants, tells how far it is, and stops when it is told to. */
async function fit(
  data: LevelData,
  { signal, report }: FitContext,
  radius: number,
  images: number,
): Promise<TensorValues> {
  const total = Math.min(images, data.count);
  const length = (2 * radius + 1) ** 2 + 1; // the last one is a constant
  const squares = createLeastSquares(length);
  const seen = new Float64Array(length);
  for (let first = 0; first < total; first += BATCH) {
    signal.throwIfAborted();
    const count = Math.min(BATCH, total - first);
    const indices = Array.from({ length: count }, (_, at) => first + at);
    const { low, band } = await data.read(indices, ['low', 'band']);
    around(low!, radius, seen, (at) => squares.add(seen, band!.data[at]!));
    report({ done: first + count, total });
  }
  const weights = Float32Array.from(squares.solve());
  return { weights: { dtype: 'float32', shape: [length], data: weights } };
}

/** Enlarged images [B, H, W, C] → band [B, H, W, C]. */
function filtered(low: TensorValue, { data: weights }: TensorValue, radius: number): TensorValue {
  const band = new Float32Array(low.data.length);
  const seen = new Float64Array(weights.length);
  around(low, radius, seen, (at) => {
    let sum = 0;
    for (let tap = 0; tap < seen.length; tap++) sum += seen[tap]! * weights[tap]!;
    band[at] = sum;
  });
  return { dtype: 'float32', shape: low.shape, data: band };
}

/** Visits each value: `seen` then holds the values around it in its plane, those at the edge repeated, and a 1. */
function around(
  { shape, data }: TensorValue,
  radius: number,
  seen: Float64Array,
  visit: (at: number) => void,
): void {
  const [count, height, width, channels] = shape as [number, number, number, number];
  const inside = (value: number, length: number): number =>
    Math.min(length - 1, Math.max(0, value));
  seen[seen.length - 1] = 1;
  for (let image = 0; image < count; image++)
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++)
        for (let channel = 0; channel < channels; channel++) {
          let tap = 0;
          for (let dy = -radius; dy <= radius; dy++) {
            const row = (image * height + inside(y + dy, height)) * width;
            for (let dx = -radius; dx <= radius; dx++)
              seen[tap++] = data[(row + inside(x + dx, width)) * channels + channel]!;
          }
          visit(((image * height + y) * width + x) * channels + channel);
        }
}
