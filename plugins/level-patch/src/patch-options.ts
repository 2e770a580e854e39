import * as v from 'valibot';

const whole = (least: number): v.GenericSchema<number> =>
  v.pipe(v.number(), v.integer(), v.minValue(least));

export const patchOptions: v.GenericSchema<PatchInput, PatchOptions> = v.pipe(
  v.strictObject({
    patch: v.optional(whole(2), 5),
    step: v.optional(whole(1), 3),
    context: v.optional(whole(0), 1),
    stored: v.optional(whole(1), 100_000),
    neighbours: v.optional(whole(1), 4),
    agreement: v.optional(v.pipe(v.number(), v.minValue(0)), 3),
    components: v.optional(whole(1), 24),
    blend: v.optional(v.picklist(['seams', 'average']), 'seams'),
    effort: v.optional(v.nullable(whole(1)), 400),
    contrast: v.optional(v.nullable(v.pipe(v.number(), v.gtValue(0))), 0.1),
  }),
  v.forward(
    v.check(
      ({ step, patch }) => step <= patch,
      'expected at most the side of a patch, got more: patches have to touch',
    ),
    ['step'],
  ),
);

/** Options as people write them. */
export interface PatchInput {
  readonly patch?: number | undefined;
  readonly step?: number | undefined;
  readonly context?: number | undefined;
  readonly stored?: number | undefined;
  readonly neighbours?: number | undefined;
  readonly agreement?: number | undefined;
  readonly components?: number | undefined;
  readonly blend?: 'seams' | 'average' | undefined;
  readonly effort?: number | null | undefined;
  readonly contrast?: number | null | undefined;
}

/** Options with defaults filled in. */
export interface PatchOptions {
  /** Side of the patches of detail, in pixels of the level. */
  readonly patch: number;
  /** From one patch to the next, in pixels of the level. */
  readonly step: number;
  /** Pixels around a patch by which it is compared as well. */
  readonly context: number;
  /** Patches kept of the training images. */
  readonly stored: number;
  /** The nearest stored patches, of which the noise chooses one. */
  readonly neighbours: number;
  /** How much more probable those are that agree with what is placed beside them. */
  readonly agreement: number;
  /** Numbers by which patches are compared. */
  readonly components: number;
  /** How patches that overlap become one band. */
  readonly blend: 'seams' | 'average';
  /** Stored patches that each patch is compared with; `null`: as many as it takes to be exact. */
  readonly effort: number | null;
  /** Contrast below which patches are not amplified; `null`: patches are compared and copied as they are. */
  readonly contrast: number | null;
}
