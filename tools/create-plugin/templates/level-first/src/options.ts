import * as v from 'valibot';

export interface MyPluginOptions {
  /** Length of the noise vector, uniform on [−1, 1). @default 100 */
  readonly noise: number;
  /** Units of each of the two hidden layers of either network. @default 512 */
  readonly width: number;
  /** Real images in a step, and as many drawn ones. @default 32 */
  readonly batch: number;
  /** Learning rate of Adam, above 0; it falls in the second half of the training. @default 0.001 */
  readonly rate: number;
}

/** {@link MyPluginOptions} as they are written in a config: what has a default may be left out. */
export type MyPluginInput = {
  readonly [Key in keyof MyPluginOptions]?: MyPluginOptions[Key] | undefined;
};

const count = v.pipe(v.number(), v.integer(), v.minValue(1));

export const myPluginOptions: v.GenericSchema<MyPluginInput, MyPluginOptions> = v.strictObject({
  noise: v.optional(count, 100),
  width: v.optional(count, 512),
  batch: v.optional(count, 32),
  rate: v.optional(v.pipe(v.number(), v.gtValue(0)), 1e-3),
});
