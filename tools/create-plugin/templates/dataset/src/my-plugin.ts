import {
  type Dataset,
  type DatasetBatch,
  definePlugin,
  type Plugin,
  randomStream,
} from '@lapyra/core';
import * as v from 'valibot';

export interface MyPluginOptions {
  /** Height and width of the images, in pixels. @default 32 */
  readonly side: number;
  /** Training images. @default 10000 */
  readonly train: number;
  /** Test images. @default 1000 */
  readonly test: number;
}

/** {@link MyPluginOptions} as they are written in a config: what has a default may be left out. */
export type MyPluginInput = {
  readonly [Key in keyof MyPluginOptions]?: MyPluginOptions[Key] | undefined;
};

const options: v.GenericSchema<MyPluginInput, MyPluginOptions> = v.strictObject({
  side: v.optional(v.pipe(v.number(), v.integer(), v.minValue(4)), 32),
  train: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1)), 10_000),
  test: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0)), 1000),
});

/** Images that are given at once. */
const BATCH = 500;
const CLASSES = ['disc', 'square'] as const;

/** A dataset of discs and squares, drawn when they are read: put in their place what reads your images. */
export const myPlugin: Plugin<'dataset', MyPluginInput, MyPluginOptions> = definePlugin({
  kind: 'dataset',
  use: 'lapyra-kind-my-plugin#myPlugin',
  summary: 'coloured discs and squares on grounds of another colour',
  options,
  create: createMyPlugin,
});

function createMyPlugin({ side, train, test }: MyPluginOptions): Dataset {
  return {
    name: 'myPlugin',
    // What is to be fetched or searched for is fetched here, with `context.progress`, and kept in `context.cacheFolder`.
    open: async ({ signal }) => ({
      size: [side, side],
      channels: 3,
      classes: CLASSES,
      // Another one whenever the images are others: decoded images are kept under it.
      fingerprint: `lapyra-kind-my-plugin 1, ${side}, ${train}, ${test}`,
      count: { train, test },
      read: async function* (split): AsyncGenerator<DatasetBatch> {
        const count = split === 'train' ? train : test;
        for (let first = 0; first < count; first += BATCH) {
          signal.throwIfAborted();
          yield drawn(split, first, Math.min(BATCH, count - first), side);
        }
      },
    }),
  };
}

function drawn(split: string, first: number, count: number, side: number): DatasetBatch {
  const pixels = new Uint8Array(count * side * side * 3);
  const labels = new Uint8Array(count);
  for (let image = 0; image < count; image++) {
    const stream = randomStream('lapyra-kind-my-plugin', split, first + image);
    const label = stream.integers(1, CLASSES.length)[0]!;
    const [colour, ground] = [stream.uniform(3, 0, 256), stream.uniform(3, 0, 256)];
    const [left, top, radius] = [...stream.uniform(3)] as [number, number, number];
    const reach = side * (0.15 + 0.2 * radius);
    for (let y = 0; y < side; y++)
      for (let x = 0; x < side; x++) {
        const across = Math.abs(x - side * (0.3 + 0.4 * left));
        const down = Math.abs(y - side * (0.3 + 0.4 * top));
        const distance = label === 0 ? Math.hypot(across, down) : Math.max(across, down);
        const at = ((image * side + y) * side + x) * 3;
        pixels.set(distance < reach ? colour : ground, at);
      }
    labels[image] = label;
  }
  return { pixels, labels };
}
