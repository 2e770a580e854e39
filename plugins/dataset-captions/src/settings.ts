import type { PictureSettings } from '@lapyra/datasets';

/** The options of `captions` with defaults filled in. */
export interface CaptionsSettings extends PictureSettings {
  readonly folder: string;
  readonly list?: string | undefined;
  readonly texts?: string | undefined;
  readonly vectors?: string | undefined;
  readonly testFraction: number;
  readonly testClasses: readonly string[];
}
