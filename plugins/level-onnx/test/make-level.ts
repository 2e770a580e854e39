import {
  boxBilinearTransform,
  type Engine,
  type HostSampler,
  imageBatch,
  type Level,
  type LevelPlace,
  type PixelScale,
  type Plugin,
  randomStream,
  type Size,
  type TensorValue,
} from '@lapyra/core';

/** Pixel = value · 50 + 100, + 110, + 120 by channel. */
function pixelsFor(channels: number): PixelScale {
  return {
    mean: [100, 110, 120].slice(0, channels),
    scale: [50, 50, 50].slice(0, channels),
    exact: true,
  };
}

export function placeAt(coarse: Size | null, size: Size, channels = 3): LevelPlace {
  return {
    size,
    coarse,
    channels,
    condition: { kind: 'none' },
    transform: 'box-bilinear',
    pixels: pixelsFor(channels),
  };
}

/** A level as a config makes it, with its file read. */
export async function makeLevel<Input extends { readonly file: string }, Output>(
  { plugin }: Plugin<'level', Input, Output>,
  options: Input,
  place: LevelPlace,
  bytes: Uint8Array,
): Promise<Level> {
  const checked = await plugin.options['~standard'].validate(options);
  if (checked.issues) throw new Error(checked.issues.map(({ message }) => message).join('; '));
  return plugin.create(checked.value, place, { file: { name: options.file, bytes } });
}

/** Coarse images of whole pixels from 60 to 190, and their enlargement. */
export function inputsFor(
  { coarse, size, channels, pixels }: LevelPlace,
  count: number,
): { coarse: TensorValue; low: TensorValue; pixels: Int32Array } {
  const shape = [count, ...coarse!, channels];
  const whole = randomStream('coarse', count).integers(
    shape.reduce((a, b) => a * b),
    131,
  );
  const values = Float32Array.from(whole, (value, at) => {
    whole[at] = value + 60;
    const c = at % channels;
    return (value + 60 - pixels.mean[c]!) / (pixels.coarseScale ?? pixels.scale)[c]!;
  });
  const images = imageBatch(shape, values);
  const low = boxBilinearTransform.upsample(images, size);
  return {
    coarse: { dtype: 'float32', ...images },
    low: { dtype: 'float32', ...low },
    pixels: whole,
  };
}

/** What a level draws, in pixels. */
export async function drawPixels(
  level: Level,
  inputs: Record<string, TensorValue>,
  engine: Engine,
): Promise<{ shape: readonly number[]; data: Float32Array }> {
  const opened = await (level.sampler as HostSampler).open({}, engine);
  const drawn = await opened.sample(inputs);
  await opened.dispose();
  const { channels, pixels } = level.place;
  const data = Float32Array.from(
    drawn.data,
    (value, at) => value * pixels.scale[at % channels]! + pixels.mean[at % channels]!,
  );
  return { shape: drawn.shape, data };
}

/** [n, h, w, C] with each pixel repeated. */
export function repeated(
  pixels: ArrayLike<number>,
  [n, h, w, channels]: readonly [number, number, number, number],
  ratio: number,
): number[] {
  const result: number[] = [];
  for (let i = 0; i < n; i += 1)
    for (let y = 0; y < h * ratio; y += 1)
      for (let x = 0; x < w * ratio; x += 1)
        for (let c = 0; c < channels; c += 1) {
          const [row, column] = [Math.floor(y / ratio), Math.floor(x / ratio)];
          result.push(pixels[((i * h + row) * w + column) * channels + c]!);
        }
  return result;
}
