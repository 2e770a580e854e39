import * as v from 'valibot';

export interface MyPluginOptions {
  /** Planes of the hidden layers. @default 32 */
  readonly width: number;
  /** Real images in a step, and as many drawn ones. @default 16 */
  readonly batch: number;
  /** Learning rate of Adam, above 0; it falls in the second half of the training. @default 0.001 */
  readonly rate: number;
  /** Weight of the mean squared error between drawn and true band, at least 0. @default 30 */
  readonly pixelLoss: number;
}

/** {@link MyPluginOptions} as they are written in a config: what has a default may be left out. */
export type MyPluginInput = {
  readonly [Key in keyof MyPluginOptions]?: MyPluginOptions[Key] | undefined;
};

const count = v.pipe(v.number(), v.integer(), v.minValue(1));

export const myPluginOptions: v.GenericSchema<MyPluginInput, MyPluginOptions> = v.strictObject({
  width: v.optional(count, 32),
  batch: v.optional(count, 16),
  rate: v.optional(v.pipe(v.number(), v.gtValue(0)), 1e-3),
  pixelLoss: v.optional(v.pipe(v.number(), v.minValue(0)), 30),
});
