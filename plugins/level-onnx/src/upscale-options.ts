import * as v from 'valibot';
import {
  type Colours,
  fileName,
  layout,
  type Layout,
  type PixelRange,
  range,
} from './file-format.js';

const whole = (least: number): v.GenericSchema<number> =>
  v.pipe(v.number(), v.integer(), v.minValue(least));

export const upscaleOptions: v.GenericSchema<UpscaleInput, UpscaleOptions> = v.strictObject({
  file: fileName,
  ratio: whole(2),
  range: v.optional(range, '0..1'),
  layout: v.optional(layout, 'nchw'),
  colours: v.optional(v.picklist(['rgb', 'bgr', 'luma']), 'rgb'),
  input: v.optional(v.nullable(v.string()), null),
  output: v.optional(
    v.strictObject({
      name: v.optional(v.nullable(v.string()), null),
      range: v.optional(v.nullable(range), null),
    }),
    {},
  ),
  tile: v.optional(v.nullable(whole(1)), null),
  overlap: v.optional(whole(0), 8),
});

/** Options as people write them. */
export interface UpscaleInput {
  readonly file: string;
  readonly ratio: number;
  readonly range?: PixelRange | undefined;
  readonly layout?: Layout | undefined;
  readonly colours?: Colours | undefined;
  readonly input?: string | null | undefined;
  readonly output?:
    | { readonly name?: string | null | undefined; readonly range?: PixelRange | null | undefined }
    | undefined;
  readonly tile?: number | null | undefined;
  readonly overlap?: number | undefined;
}

/** Options with defaults filled in. */
export interface UpscaleOptions {
  /** Path from the project's folder. */
  readonly file: string;
  /** How many times higher and wider the file makes an image. */
  readonly ratio: number;
  /** What the file takes for black and white. */
  readonly range: PixelRange;
  readonly layout: Layout;
  /** `luma`: the file makes the brightness alone; colours are enlarged by the transform. */
  readonly colours: Colours;
  /** Name of the file's input; `null`: it has one. */
  readonly input: string | null;
  readonly output: {
    /** `null`: it has one. */
    readonly name: string | null;
    /** What the file gives for black and white; `null`: as at its input. */
    readonly range: PixelRange | null;
  };
  /** Side of the tiles that the file is given, in pixels of the image below; `null`: the whole image. */
  readonly tile: number | null;
  /** By which tiles overlap, in the same pixels. */
  readonly overlap: number;
}
