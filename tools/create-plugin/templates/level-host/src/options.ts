import * as v from 'valibot';

export interface MyPluginOptions {
  /** Pixels on each side of a pixel that its detail is made from. @default 2 */
  readonly radius: number;
  /** Training images that the filter is fitted to, at most. @default 1000 */
  readonly images: number;
}

/** {@link MyPluginOptions} as they are written in a config: what has a default may be left out. */
export type MyPluginInput = {
  readonly [Key in keyof MyPluginOptions]?: MyPluginOptions[Key] | undefined;
};

const count = v.pipe(v.number(), v.integer(), v.minValue(1));

export const myPluginOptions: v.GenericSchema<MyPluginInput, MyPluginOptions> = v.strictObject({
  radius: v.optional(count, 2),
  images: v.optional(count, 1000),
});
