import type { NoiseDistribution } from '@lapyra/core';
import * as v from 'valibot';
import {
  type Colours,
  fileName,
  layout,
  type Layout,
  type PixelRange,
  range,
} from './file-format.js';

export const generateOptions: v.GenericSchema<GenerateInput, GenerateOptions> = v.strictObject({
  file: fileName,
  noise: v.strictObject({
    input: v.optional(v.nullable(v.string()), null),
    shape: v.pipe(v.array(v.pipe(v.number(), v.integer(), v.minValue(1))), v.minLength(1)),
    distribution: v.optional(v.picklist(['normal', 'uniform']), 'normal'),
  }),
  range: v.optional(range, '-1..1'),
  layout: v.optional(layout, 'nchw'),
  colours: v.optional(v.picklist(['rgb', 'bgr']), 'rgb'),
  output: v.optional(v.nullable(v.string()), null),
});

/** Options as people write them. */
export interface GenerateInput {
  readonly file: string;
  readonly noise: {
    readonly input?: string | null | undefined;
    readonly shape: number[];
    readonly distribution?: NoiseDistribution | undefined;
  };
  readonly range?: PixelRange | undefined;
  readonly layout?: Layout | undefined;
  readonly colours?: Exclude<Colours, 'luma'> | undefined;
  readonly output?: string | null | undefined;
}

/** Options with defaults filled in. */
export interface GenerateOptions {
  /** Path from the project's folder. */
  readonly file: string;
  readonly noise: {
    /** Name of the file's input; `null`: it has one. */
    readonly input: string | null;
    /** Per image, without the batch. */
    readonly shape: readonly number[];
    readonly distribution: NoiseDistribution;
  };
  /** What the file gives for black and white. */
  readonly range: PixelRange;
  readonly layout: Layout;
  readonly colours: Exclude<Colours, 'luma'>;
  /** Name of the file's output; `null`: it has one. */
  readonly output: string | null;
}
