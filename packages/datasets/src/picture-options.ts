// How every picture of a set is brought to one size: options that datasets of picture files have in common.
import type { Size } from '@lapyra/core';
import type { Anchor, Channels, Colour, DecodeOptions, Fit } from '@lapyra/images';
import * as v from 'valibot';

export interface PictureOptions {
  /** Every picture is brought to this size, a side or [height, width]. */
  readonly size: number | Size;
  /** `cover` cuts off what sticks out, `contain` pads with the background, `stretch` distorts. @default 'cover' */
  readonly fit?: Fit | undefined;
  /** The part that `cover` keeps, the place where `contain` puts the picture. @default 'center' */
  readonly anchor?: Anchor | undefined;
  /** Grey, RGB or RGBA. @default 3 */
  readonly channels?: Channels | undefined;
  /** What shows through transparent pictures where channels are 1 or 3, and around contained ones. @default 'white' */
  readonly background?: 'white' | 'black' | undefined;
  /** Pictures with more pixels than this count as corrupt. @default 67108864, that is 8192 × 8192 */
  readonly maxPixels?: number | undefined;
}

/** {@link PictureOptions} with defaults filled in. */
export interface PictureSettings {
  readonly size: number | Size;
  readonly fit: Fit;
  readonly anchor: Anchor;
  readonly channels: Channels;
  readonly background: 'white' | 'black';
  readonly maxPixels: number;
}

const LONGEST_SIDE = 8192;

const SIZE = (issue: { readonly input: unknown }): string =>
  `Expected a whole number of pixels from 1 to ${LONGEST_SIDE}, or [height, width], got ${JSON.stringify(issue.input)}`;

const isSide = (side: number): boolean =>
  Number.isInteger(side) && side >= 1 && side <= LONGEST_SIDE;

type Entry<Input, Output> = v.GenericSchema<Input, Output>;

/** The entries of a schema for {@link PictureOptions}. */
export const pictureEntries: {
  readonly size: Entry<PictureOptions['size'], PictureSettings['size']>;
  readonly fit: v.OptionalSchema<
    v.PicklistSchema<['cover', 'contain', 'stretch'], undefined>,
    'cover'
  >;
  readonly anchor: v.OptionalSchema<
    v.PicklistSchema<['center', 'top', 'bottom', 'left', 'right'], undefined>,
    'center'
  >;
  readonly channels: v.OptionalSchema<v.PicklistSchema<[1, 3, 4], undefined>, 3>;
  readonly background: v.OptionalSchema<v.PicklistSchema<['white', 'black'], undefined>, 'white'>;
  readonly maxPixels: v.OptionalSchema<Entry<number, number>, number>;
} = {
  size: v.pipe(
    v.union([v.number(), v.strictTuple([v.number(), v.number()])], SIZE),
    v.check((size) => [size].flat().every(isSide), SIZE),
  ),
  fit: v.optional(v.picklist(['cover', 'contain', 'stretch']), 'cover'),
  anchor: v.optional(v.picklist(['center', 'top', 'bottom', 'left', 'right']), 'center'),
  channels: v.optional(v.picklist([1, 3, 4]), 3),
  background: v.optional(v.picklist(['white', 'black']), 'white'),
  maxPixels: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1)), 2 ** 26),
};

const BACKGROUND: Readonly<Record<PictureSettings['background'], Colour>> = {
  white: [255, 255, 255],
  black: [0, 0, 0],
};

/** How a picture is decoded by these settings. */
export function pictureDecoding(settings: PictureSettings, size: Size): DecodeOptions {
  const { fit, anchor, channels, background, maxPixels } = settings;
  return {
    channels,
    background: BACKGROUND[background],
    maxPixels,
    resize: { size, fit, anchor },
  };
}
