import {
  boxBilinearTransform,
  drawNoiseByImage,
  elementCount,
  type Engine,
  type HostSampler,
  type ImageBatch,
  imageBatch,
  type Level,
  type LevelData,
  type LevelPlace,
  type LevelViews,
  plainViews,
  type Size,
  type TensorValue,
  type TensorValues,
} from '@lapyra/core';
import { type PatchInput, patches } from '@lapyra/level-patch';

/** A level as a config makes it: options are checked and completed first. */
export async function makeLevel(options: PatchInput, place: LevelPlace): Promise<Level> {
  const checked = await patches.plugin.options['~standard'].validate(options);
  if (checked.issues) throw new Error(checked.issues.map(({ message }) => message).join('; '));
  return patches.plugin.create(checked.value, place);
}

export function placeAt(sizes: readonly Size[], index: number, channels: number): LevelPlace {
  return {
    size: sizes[index]!,
    coarse: sizes[index - 1] ?? null,
    channels,
    condition: { kind: 'none' },
    transform: 'box-bilinear',
    pixels: {
      mean: Array.from({ length: channels }, () => 127.5),
      scale: Array.from({ length: channels }, () => 64),
      exact: false,
    },
  };
}

/** Normalised images [n, H, W, C] as data of level `index`. */
export function dataOf(
  images: ImageBatch,
  sizes: readonly Size[],
  index: number,
): LevelData & { readonly views: LevelViews<ImageBatch> } {
  const views = plainViews(boxBilinearTransform, images, sizes, index);
  return {
    views,
    count: images.shape[0],
    read: async (indices, parts) =>
      Object.fromEntries(
        parts.map((part) => {
          const all = views[part as keyof LevelViews<ImageBatch>]!;
          const [, ...shape] = all.shape;
          const per = elementCount(shape);
          const data = new Float32Array(indices.length * per);
          indices.forEach((from, to) =>
            data.set(all.data.subarray(from * per, (from + 1) * per), to * per),
          );
          return [part, { dtype: 'float32', shape: [indices.length, ...shape], data }];
        }),
      ),
  };
}

const quiet = { seed: 1, signal: new AbortController().signal, report: (): void => undefined };

export async function fit(level: Level, data: LevelData, seed = 1): Promise<TensorValues> {
  if (level.training?.kind !== 'host') throw new Error('expected a level that fits itself');
  return level.training.fit(data, { ...quiet, seed });
}

/** The bands that a level draws for enlarged images. */
export async function draw(
  level: Level,
  state: TensorValues,
  low: ImageBatch,
  seed = 1,
): Promise<TensorValue> {
  const engine = {} as Engine; // this level needs none
  const opened = await (level.sampler as HostSampler).open(state, engine);
  const noise = drawNoiseByImage(level.noise, 0, low.shape[0], seed);
  const inputs: Record<string, TensorValue> = { low: { dtype: 'float32', ...low } };
  for (const [name, value] of Object.entries(noise)) inputs[`noise.${name}`] = value;
  return opened.sample(inputs);
}

export function rootMeanSquare(data: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < data.length; i += 1) sum += data[i]! ** 2;
  return Math.sqrt(sum / data.length);
}

/** The first images of a batch, or those from `from`. */
export function some({ shape, data }: ImageBatch, from: number, to: number): ImageBatch {
  const [count, ...rest] = shape;
  const per = data.length / count;
  return imageBatch([to - from, ...rest], data.subarray(from * per, to * per));
}
