import { definePlugin, type Plugin } from '@lapyra/core';
import { pictureEntries, type PictureOptions } from '@lapyra/datasets';
import * as v from 'valibot';
import { openImageFolder } from './open-image-folder.js';
import type { ImageFolderSettings } from './settings.js';

export interface ImageFolderOptions extends PictureOptions {
  /** The folder, relative to the config: pictures in it, or one folder a class. */
  readonly folder: string;
  /** What happens to corrupt, truncated and too large pictures. @default 'refuse' */
  readonly onCorrupt?: 'refuse' | 'skip' | undefined;
  /** Share of each class that is kept for testing, in [0, 1). @default 0 */
  readonly testFraction?: number | undefined;
}

const schema: v.GenericSchema<ImageFolderOptions, ImageFolderSettings> = v.strictObject({
  folder: v.pipe(v.string(), v.nonEmpty('Expected the path of a folder, got an empty string')),
  ...pictureEntries,
  onCorrupt: v.optional(v.picklist(['refuse', 'skip']), 'refuse'),
  testFraction: v.optional(
    v.pipe(
      v.number(),
      v.minValue(0),
      v.ltValue(1, ({ input }) => `Expected a share below 1, got ${input}`),
    ),
    0,
  ),
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
