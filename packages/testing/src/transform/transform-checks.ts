import {
  imageBatch,
  type ImageBatch,
  LapyraError,
  plainViews,
  randomStream,
  type Size,
  sizeName,
  type Transform,
} from '@lapyra/core';
import {
  concat,
  fill,
  grad,
  mul,
  pow,
  type Scalar,
  split,
  sum,
  type Tensor,
  tensor as tensorOf,
  tidy,
} from '@tensorflow/tfjs-core';
import { expect } from 'vitest';
import { type Closeness, expectClose } from '../expect-close.js';

export interface TransformUnderTest {
  readonly transform: Transform;
  readonly pyramids: readonly (readonly Size[])[];
  readonly refuses: readonly (readonly Size[])[];
  readonly closeness: Closeness;
}

export interface TransformCheck {
  readonly title: string;
  readonly run: () => void;
}

/** What {@link transformConformance} checks, one title a check. */
export function transformChecks(subject: TransformUnderTest): TransformCheck[] {
  const named = (sizes: readonly Size[]): string => sizes.map((size) => sizeName(size)).join(' ');
  return [
    ...subject.pyramids.flatMap((sizes) => [
      {
        title: `rebuilds the image from low and band (${named(sizes)})`,
        run: () => rebuilds(subject, sizes),
      },
      {
        title: `has halves that agree (${named(sizes)})`,
        run: () => halvesAgree(subject, sizes),
      },
      {
        title: `treats each image of a batch alone (${named(sizes)})`,
        run: () => treatsImagesAlone(subject, sizes),
      },
      {
        title: `lets gradients through, as finite differences say (${named(sizes)})`,
        run: () => letsGradientsThrough(subject, sizes),
      },
      {
        title: `takes a whitening for each pixel (${named(sizes)})`,
        run: () => whitensPixels(subject, sizes),
      },
    ]),
    ...subject.refuses.map((sizes) => ({
      title: `refuses ${named(sizes)}`,
      run: () => refusesSizes(subject, sizes),
    })),
  ];
}

const CHANNELS = [1, 3, 4] as const;

/** Whole pixels that become small binary fractions, exact after whitening: only resampling can differ. */
const MEAN = 128;
const SCALE = 64;

interface Pictures {
  /** [count, H, W, C], 0…255. */
  readonly pixels: Int32Array;
  readonly shape: readonly [count: number, height: number, width: number, channels: number];
  /** (pixels − 128) ÷ 64. */
  readonly image: ImageBatch;
}

function pictures(sizes: readonly Size[], channels: number, count = 3): Pictures {
  const [height, width] = sizes.at(-1)!;
  const shape = [count, height, width, channels] as const;
  const stream = randomStream('transform', height, width, channels);
  const pixels = stream.integers(count * height * width * channels, 256);
  const image = imageBatch(
    shape,
    Float32Array.from(pixels, (x) => (x - MEAN) / SCALE),
  );
  return { pixels, shape, image };
}

function rebuilds({ transform: { plain } }: TransformUnderTest, sizes: readonly Size[]): void {
  for (const channels of CHANNELS) {
    const { image } = pictures(sizes, channels);
    for (let index = 1; index < sizes.length; index += 1) {
      const views = plainViews(plain, image, sizes, index);
      const { low, band } = views;
      if (!low || !band) throw new Error(`no band at level ${index}`);
      const rebuilt = low.data.map((x, i) => x + band.data[i]!);
      expectClose(rebuilt, views.image, { absolute: 1e-6 });
      if (index === sizes.length - 1) expect(views.image.data).toEqual(image.data);
    }
  }
}

function halvesAgree(
  { transform: { plain, tensor }, closeness }: TransformUnderTest,
  sizes: readonly Size[],
): void {
  for (const channels of CHANNELS) {
    const { pixels, shape, image } = pictures(sizes, channels);
    for (let index = 0; index < sizes.length; index += 1) {
      const wanted = plainViews(plain, image, sizes, index);
      tidy(() => {
        const whitening = {
          mean: fill([1, 1, 1, channels], MEAN),
          scale: fill([1, 1, 1, channels], SCALE),
        };
        const got = tensor.views(tensorOf(pixels, [...shape], 'int32'), whitening, sizes, index);
        for (const part of ['image', 'coarse', 'low', 'band'] as const) {
          expect(got[part]?.shape, part).toEqual(wanted[part]?.shape);
          expectClose(valuesOf(got[part]), wanted[part] ?? [], closeness);
        }
        const joined = got.low && got.band ? tensor.join(got.low, got.band) : got.image;
        expectClose(valuesOf(joined), wanted.image, closeness);
      });
    }
  }
}

function treatsImagesAlone(
  { transform: { tensor } }: TransformUnderTest,
  sizes: readonly Size[],
): void {
  const [coarse, fine] = sizes as [Size, Size];
  for (const [from, resize] of [
    [fine, (x: Tensor): Tensor => tensor.downsample(x, coarse)],
    [coarse, (x: Tensor): Tensor => tensor.upsample(x, fine)],
  ] as const) {
    tidy(() => {
      const { pixels, shape } = pictures([from], 3, 5);
      const images = tensorOf(pixels, [...shape], 'float32');
      const alone = concat(split(images, 5).map((image) => resize(image)));
      expect(resize(images).dataSync()).toEqual(alone.dataSync());
    });
  }
}

/** Σ f(x)² is a parabola along any line, of which a central difference gives the exact slope but for rounding. */
function letsGradientsThrough(
  { transform: { tensor } }: TransformUnderTest,
  sizes: readonly Size[],
): void {
  const [coarse, fine] = sizes as [Size, Size];
  for (const [name, from, to] of [
    ['downsample', fine, coarse],
    ['upsample', coarse, fine],
  ] as const) {
    const { image } = pictures([from], 2, 2);
    const shape = [...image.shape];
    const direction = randomStream('direction', name, ...from).normal(image.data.length);
    tidy(() => {
      const loss = (x: Tensor): Scalar => sum(pow(tensor[name](x, to), 2));
      const slope = sum(mul(grad(loss)(tensorOf(image.data, shape)), tensorOf(direction, shape)));
      const at = (step: number): number =>
        loss(
          tensorOf(
            image.data.map((x, i) => x + step * direction[i]!),
            shape,
          ),
        ).dataSync()[0]!;
      const scale = at(0);
      const difference = (at(0.25) - at(-0.25)) / 0.5;
      expectClose(slope.dataSync(), [difference], { relative: 1e-4, absolute: 1e-5 * scale });
    });
  }
}

function whitensPixels(
  { transform: { tensor } }: TransformUnderTest,
  sizes: readonly Size[],
): void {
  const { pixels, shape } = pictures(sizes, 3, 2);
  const map = [1, ...shape.slice(1)];
  const each = pixels.length / shape[0];
  const mean = Float32Array.from({ length: each }, (_, i) => 100 + (i % 7));
  const scale = Float32Array.from({ length: each }, (_, i) => 2 ** (i % 5));
  const wanted = Float32Array.from(pixels, (x, i) => (x - mean[i % each]!) / scale[i % each]!);
  tidy(() => {
    const whitening = { mean: tensorOf(mean, map), scale: tensorOf(scale, map) };
    const last = sizes.length - 1;
    const { image } = tensor.views(tensorOf(pixels, [...shape], 'int32'), whitening, sizes, last);
    expectClose(valuesOf(image), wanted, { relative: 1e-6 });
  });
}

function refusesSizes({ transform: { plain } }: TransformUnderTest, sizes: readonly Size[]): void {
  let refusal: unknown;
  try {
    plain.check(sizes);
  } catch (error) {
    refusal = error;
  }
  expect(LapyraError.is(refusal, 'LAPYRA_TRANSFORM_SIZES'), 'refused').toBe(true);
  expect((refusal as LapyraError).hint).toMatch(/\S/);
}

function valuesOf(tensor: Tensor | null): ArrayLike<number> {
  return tensor?.dataSync() ?? [];
}
