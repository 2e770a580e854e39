import type { Size } from '@lapyra/core';
import type { Anchor, Channels, Colour, DecodeOptions, Fit } from '@lapyra/images';

/** The options of `imageFolder` with defaults filled in. */
export interface ImageFolderSettings {
  readonly folder: string;
  readonly size: number | Size;
  readonly fit: Fit;
  readonly anchor: Anchor;
  readonly channels: Channels;
  readonly background: 'white' | 'black';
  readonly onCorrupt: 'refuse' | 'skip';
  readonly testFraction: number;
  readonly maxPixels: number;
}

const BACKGROUND: Readonly<Record<ImageFolderSettings['background'], Colour>> = {
  white: [255, 255, 255],
  black: [0, 0, 0],
};

/** How every picture of the folder is decoded. */
export function decodeOptions(settings: ImageFolderSettings, size: Size): DecodeOptions {
  const { fit, anchor, channels, background, maxPixels } = settings;
  return {
    channels,
    background: BACKGROUND[background],
    maxPixels,
    resize: { size, fit, anchor },
  };
}
