import { definePlugin, type Plugin, type Size } from '@lapyra/core';
import * as v from 'valibot';
import { openImageFolder } from './open-image-folder.js';
import type { ImageFolderSettings } from './settings.js';

export interface ImageFolderOptions {
  /** The folder, relative to the config: pictures in it, or one folder a class. */
  readonly folder: string;
  /** Every picture is brought to this size, a side or [height, width]. */
  readonly size: number | Size;
  /** `cover` cuts off what sticks out, `contain` pads with the background, `stretch` distorts. @default 'cover' */
  readonly fit?: ImageFolderSettings['fit'] | undefined;
  /** The part that `cover` keeps, the place where `contain` puts the picture. @default 'center' */
  readonly anchor?: ImageFolderSettings['anchor'] | undefined;
  /** Grey, RGB or RGBA. @default 3 */
  readonly channels?: 1 | 3 | 4 | undefined;
  /** What shows through transparent pictures where channels are 1 or 3, and around contained ones. @default 'white' */
  readonly background?: 'white' | 'black' | undefined;
  /** What happens to corrupt, truncated and too large pictures. @default 'refuse' */
  readonly onCorrupt?: 'refuse' | 'skip' | undefined;
  /** Share of each class that is kept for testing, in [0, 1). @default 0 */
  readonly testFraction?: number | undefined;
  /** Pictures with more pixels than this count as corrupt. @default 67108864, that is 8192 × 8192 */
  readonly maxPixels?: number | undefined;
}

const LONGEST_SIDE = 8192;

const SIZE = (issue: { readonly input: unknown }): string =>
  `Expected a whole number of pixels from 1 to ${LONGEST_SIDE}, or [height, width], got ${JSON.stringify(issue.input)}`;

const isSide = (side: number): boolean =>
  Number.isInteger(side) && side >= 1 && side <= LONGEST_SIDE;

const schema: v.GenericSchema<ImageFolderOptions, ImageFolderSettings> = v.strictObject({
  folder: v.pipe(v.string(), v.nonEmpty('Expected the path of a folder, got an empty string')),
  size: v.pipe(
    v.union([v.number(), v.strictTuple([v.number(), v.number()])], SIZE),
    v.check((size) => [size].flat().every(isSide), SIZE),
  ),
  fit: v.optional(v.picklist(['cover', 'contain', 'stretch']), 'cover'),
  anchor: v.optional(v.picklist(['center', 'top', 'bottom', 'left', 'right']), 'center'),
  channels: v.optional(v.picklist([1, 3, 4]), 3),
  background: v.optional(v.picklist(['white', 'black']), 'white'),
  onCorrupt: v.optional(v.picklist(['refuse', 'skip']), 'refuse'),
  testFraction: v.optional(
    v.pipe(
      v.number(),
      v.minValue(0),
      v.ltValue(1, ({ input }) => `Expected a share below 1, got ${input}`),
    ),
    0,
  ),
  maxPixels: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1)), 2 ** 26),
});

/**
 * A folder of pictures as a dataset plugin: PNG, JPEG and WebP of any size, flat or in one folder a class,
 * uint8 [n, H, W, C].
 *
 * Opening it throws `LAPYRA_DATASET_FOLDER`, `LAPYRA_DATASET_EMPTY` or `LAPYRA_DATASET_LAYOUT` for a folder that is
 * missing, without pictures or ambiguous, and `LAPYRA_DATASET_CORRUPT` naming the pictures that cannot be used unless
 * they are to be skipped; reading throws the latter for what only decoding shows.
 */
export const imageFolder: Plugin<'dataset', ImageFolderOptions, ImageFolderSettings> = definePlugin(
  {
    kind: 'dataset',
    use: '@lapyra/dataset-image-folder#imageFolder',
    summary: 'A folder of pictures, flat or one folder a class.',
    options: schema,
    create: (settings: ImageFolderSettings) => ({
      name: `images in ${settings.folder}`,
      open: (context) => openImageFolder(settings, context),
    }),
  },
);
