import { definePlugin, type Plugin } from '@lapyra/core';
import { pictureEntries, type PictureOptions } from '@lapyra/datasets';
import * as v from 'valibot';
import { openCaptions } from './open-captions.js';
import type { CaptionsSettings } from './settings.js';

export interface CaptionsOptions extends PictureOptions {
  /** The folder, relative to the config: pictures in it, or one folder a class. */
  readonly folder: string;
  /** A list of the pictures, relative to the folder: JSON Lines. Default: all pictures, each with a text file. */
  readonly list?: string | undefined;
  /** Folder of the text files, relative to the folder. Default: beside the pictures. */
  readonly texts?: string | undefined;
  /** File with ready vectors, relative to the folder: `.npy` or `.safetensors`. */
  readonly vectors?: string | undefined;
  /** Share of each class that is kept for testing, in [0, 1), where the list says nothing. @default 0 */
  readonly testFraction?: number | undefined;
  /** Classes that are for testing only. @default [] */
  readonly testClasses?: readonly string[] | undefined;
}

const path = v.pipe(v.string(), v.nonEmpty('Expected a path, got an empty string'));

const schema: v.GenericSchema<CaptionsOptions, CaptionsSettings> = v.pipe(
  v.strictObject({
    folder: path,
    list: v.optional(path),
    texts: v.optional(path),
    vectors: v.optional(path),
    ...pictureEntries,
    testFraction: v.optional(
      v.pipe(
        v.number(),
        v.minValue(0),
        v.ltValue(1, ({ input }) => `Expected a share below 1, got ${input}`),
      ),
      0,
    ),
    testClasses: v.optional(v.array(v.string()), []),
  }),
  v.check(
    ({ list, texts }) => list === undefined || texts === undefined,
    'Expected either a list or a folder of texts, got both',
  ),
);

/**
 * Pictures with captions as a dataset plugin: uint8 [n, H, W, C], with one or more texts for each, one or more ready
 * vectors, or both.
 *
 * Opening it throws `LAPYRA_DATASET_FOLDER`, `LAPYRA_DATASET_EMPTY` or `LAPYRA_DATASET_LAYOUT` for a folder that is missing,
 * without pictures or ambiguous; `LAPYRA_DATASET_CAPTIONS` for pictures without a text and for mistakes in the list;
 * `LAPYRA_DATASET_VECTORS` for vectors that do not fit; `LAPYRA_DATASET_CORRUPT` naming the pictures that cannot be used.
 */
export const captions: Plugin<'dataset', CaptionsOptions, CaptionsSettings> = definePlugin({
  kind: 'dataset',
  use: '@lapyra/dataset-captions#captions',
  summary: 'Pictures with texts beside them, in a list, or with ready vectors.',
  options: schema,
  create: (settings: CaptionsSettings) => ({
    name: `captioned images in ${settings.folder}`,
    open: (context) => openCaptions(settings, context),
  }),
});
