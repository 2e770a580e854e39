import { describe, expect, it } from 'vitest';
import { LapyraError } from '../error.js';
import { type ImageBatch, imageBatch } from '../image-batch.js';
import { randomStream } from '../random/random-stream.js';
import type { Size } from '../size.js';
import type { PlainTransform } from '../transform.js';
import { boxBilinearTransform } from './box-bilinear.js';
import { burtAdelsonTransform } from './burt-adelson.js';
import { haarTransform } from './haar.js';
import { plainViews, transformGain } from './plain-views.js';

const HALF_ULP = 2 ** -24;

function refusalOf(call: () => unknown): {
  code: string;
  message: string;
  hint: string | undefined;
} {
  try {
    call();
  } catch (error) {
    if (LapyraError.is(error))
      return { code: error.code, message: error.message, hint: error.hint };
    throw error;
  }
  throw new Error('expected a refusal');
}

/** The largest |low + band − image| in units of what two roundings to float32 allow. */
function worstRebuild(low: ImageBatch, band: ImageBatch, image: ImageBatch): number {
  return image.data.reduce((worst, x, i) => {
    const rebuilt = Math.fround(low.data[i]! + band.data[i]!);
    const allowed = HALF_ULP * (Math.abs(x - low.data[i]!) + Math.abs(rebuilt)) * (1 + 1e-6);
    return Math.max(worst, rebuilt === x ? 0 : Math.abs(rebuilt - x) / allowed);
  }, 0);
}

const box: readonly Size[][] = [
  [
    [8, 8],
    [14, 14],
    [28, 28],
  ],
  [
    [4, 7],
    [5, 13],
    [17, 13],
    [20, 30],
  ],
  [
    [1, 1],
    [2, 3],
    [28, 32],
  ],
];
const doubling: readonly Size[][] = [
  [
    [7, 7],
    [14, 14],
    [28, 28],
  ],
  [
    [1, 3],
    [2, 6],
    [4, 12],
    [8, 24],
  ],
];
const cases = [
  ...box.map((sizes) => ({ transform: boxBilinearTransform, sizes })),
  ...[burtAdelsonTransform, haarTransform].flatMap((transform) =>
    doubling.map((sizes) => ({ transform, sizes })),
  ),
].flatMap(({ transform, sizes }) =>
  [1, 3, 4].map((channels) => ({
    id: transform.id,
    names: sizes.join(' '),
    transform,
    sizes,
    channels,
  })),
);

describe('plainViews', () => {
  it.each(cases)(
    'of $id $names, $channels channels, add up to the image',
    ({ transform, sizes, channels }) => {
      const [height, width] = sizes.at(-1)!;
      const stream = randomStream('views', transform.id, channels);
      const full = imageBatch(
        [2, height, width, channels],
        stream.normal(2 * height * width * channels),
      );
      for (let index = 1; index < sizes.length; index += 1) {
        const { image, coarse, low, band } = plainViews(transform, full, sizes, index);
        expect(image.shape).toEqual([2, ...sizes[index]!, channels]);
        expect(coarse?.shape).toEqual([2, ...sizes[index - 1]!, channels]);
        expect(band?.shape).toEqual(image.shape);
        expect(worstRebuild(low!, band!, image)).toBeLessThanOrEqual(1);
        // What a level is given is what the level below it is to make.
        expect(coarse).toEqual(plainViews(transform, full, sizes, index - 1).image);
      }
    },
  );

  it('of a first level are the image alone', () => {
    const views = plainViews(
      haarTransform,
      imageBatch([1, 4, 4, 1]),
      [
        [2, 2],
        [4, 4],
      ],
      0,
    );
    expect(views).toEqual({ image: imageBatch([1, 2, 2, 1]), coarse: null, low: null, band: null });
  });

  it('of Haar on whole numbers add up to the bit', () => {
    const pixels = Float32Array.from(randomStream('whole').integers(8 * 12 * 3, 256));
    const image = imageBatch([1, 8, 12, 3], pixels);
    const { low, band } = plainViews(
      haarTransform,
      image,
      [
        [4, 6],
        [8, 12],
      ],
      1,
    );
    expect(low!.data.map((x, i) => x + band!.data[i]!)).toEqual(image.data);
  });

  it('make every scale of box-bilinear from the full-size image, not from the one between', () => {
    // Dark up to column 10, bright from 11 on. The fourth box, columns 10.5 … 14, holds half of column 10 and three
    // bright ones. By way of 14 it would be ¾ of the pair (10, 11), which is ½, and the pair (12, 13), which is 1.
    const image = imageBatch([1, 28, 28, 1]);
    for (let i = 0; i < 784; i += 1) image.data[i] = i % 28 < 11 ? 0 : 1;
    const sizes: Size[] = [8, 14, 28].map((side) => [side, side]);
    expect(plainViews(boxBilinearTransform, image, sizes, 1).coarse?.data[3]).toBeCloseTo(
      3 / 3.5,
      6,
    );
    const between = boxBilinearTransform.downsample(image, [14, 14]);
    const twice = boxBilinearTransform.downsample(between, [8, 8]);
    expect(twice.data[3]).toBeCloseTo((0.75 * 0.5 + 1) / 1.75, 6);
  });

  it('chain the other transforms', () => {
    const image = imageBatch([1, 8, 8, 1], randomStream('chain').normal(64));
    const sizes: Size[] = [
      [2, 2],
      [4, 4],
      [8, 8],
    ];
    const half = burtAdelsonTransform.downsample(image, [4, 4]);
    expect(plainViews(burtAdelsonTransform, image, sizes, 0).image).toEqual(
      burtAdelsonTransform.downsample(half, [2, 2]),
    );
  });

  it('refuse images of another size, and levels that do not exist', () => {
    const image = imageBatch([1, 8, 8, 1]);
    expect(
      refusalOf(() =>
        plainViews(
          haarTransform,
          image,
          [
            [8, 8],
            [16, 16],
          ],
          1,
        ),
      ),
    ).toMatchObject({
      code: 'LAPYRA_IMAGE_SHAPE',
      message: 'views: expected images of the finest size 16, got 8.',
    });
    expect(
      refusalOf(() =>
        plainViews(
          haarTransform,
          image,
          [
            [4, 4],
            [8, 8],
          ],
          2,
        ),
      ),
    ).toMatchObject({
      code: 'LAPYRA_TRANSFORM_SIZES',
      message: 'views: expected a level from 0 to 1, got 2.',
    });
  });
});

describe('transformGain', () => {
  it('is 1 for averages and doubles downwards for Haar', () => {
    const sizes: Size[] = [
      [7, 7],
      [14, 14],
      [28, 28],
    ];
    expect([0, 1, 2].map((index) => transformGain(haarTransform, sizes, index))).toEqual([4, 2, 1]);
    for (const transform of [boxBilinearTransform, burtAdelsonTransform]) {
      for (const index of [0, 1, 2]) expect(transformGain(transform, sizes, index)).toBe(1);
    }
  });
});

describe('check', () => {
  const refused = (transform: PlainTransform, sizes: Size[]): object =>
    refusalOf(() => transform.check(sizes));

  it('takes any sizes that grow for box-bilinear', () => {
    for (const sizes of box) expect(() => boxBilinearTransform.check(sizes)).not.toThrow();
    expect(() => boxBilinearTransform.check([[5, 5]])).not.toThrow();
  });

  it('refuses sizes that do not grow', () => {
    for (const [low, high] of [
      [
        [8, 8],
        [8, 8],
      ],
      [
        [8, 8],
        [7, 20],
      ],
      [
        [14, 14],
        [8, 8],
      ],
    ] as const) {
      for (const transform of [boxBilinearTransform, burtAdelsonTransform, haarTransform])
        expect(refused(transform, [low, high])).toMatchObject({ code: 'LAPYRA_TRANSFORM_SIZES' });
    }
    expect(
      refused(boxBilinearTransform, [
        [8, 8],
        [7, 20],
      ]),
    ).toMatchInlineSnapshot(`
      {
        "code": "LAPYRA_TRANSFORM_SIZES",
        "hint": "Sizes run from coarse to fine: from one to the next no side may shrink, and at least one grows.",
        "message": "transform box-bilinear: expected sizes that grow, got 8 below 7x20.",
      }
    `);
    expect(refused(boxBilinearTransform, [])).toMatchInlineSnapshot(`
      {
        "code": "LAPYRA_TRANSFORM_SIZES",
        "hint": undefined,
        "message": "transform box-bilinear: expected sizes from coarse to fine, got none.",
      }
    `);
  });

  it('refuses other ratios than 2, and says which sizes would do', () => {
    expect(
      refused(haarTransform, [
        [8, 8],
        [14, 14],
        [28, 28],
      ]),
    ).toMatchInlineSnapshot(`
      {
        "code": "LAPYRA_TRANSFORM_SIZES",
        "hint": "With 28 as the largest size: 7, 14, 28, or the last few of them. The transform box-bilinear takes any sizes that grow.",
        "message": "transform haar: expected sizes that double, got 8 below 14.",
      }
    `);
    expect(
      refused(haarTransform, [
        [8, 8],
        [28, 28],
      ]),
    ).toMatchInlineSnapshot(`
      {
        "code": "LAPYRA_TRANSFORM_SIZES",
        "hint": "With 28 as the largest size: 7, 14, 28, or the last few of them. The transform box-bilinear takes any sizes that grow.",
        "message": "transform haar: expected sizes that double, got 8 below 28.",
      }
    `);
    expect(
      refused(burtAdelsonTransform, [
        [5, 6],
        [11, 12],
      ]),
    ).toMatchInlineSnapshot(`
      {
        "code": "LAPYRA_TRANSFORM_SIZES",
        "hint": "11x12 has an odd side: no size can stand below it. The transform box-bilinear takes any sizes that grow.",
        "message": "transform burt-adelson: expected sizes that double, got 5x6 below 11x12.",
      }
    `);
  });

  it('is made by d and u as well', () => {
    const image = imageBatch([1, 8, 8, 1]);
    expect(refusalOf(() => boxBilinearTransform.downsample(image, [9, 9]))).toMatchObject({
      code: 'LAPYRA_TRANSFORM_SIZES',
    });
    expect(refusalOf(() => haarTransform.upsample(image, [28, 28]))).toMatchObject({
      code: 'LAPYRA_TRANSFORM_SIZES',
    });
  });
});
