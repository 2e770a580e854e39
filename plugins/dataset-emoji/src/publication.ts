// Where the images are published and what their bytes are. Tests hand in a publication of their own.
import type { NpmPackage } from '@lapyra/datasets';

/** Sides for which there is a sheet with all images. */
export const SIZES = [16, 20, 32, 64] as const;

export type EmojiSize = (typeof SIZES)[number];

/** In the package: names, codes and places. */
export const NAMES_FILE = 'emoji.json';

export interface Publication {
  readonly npmPackage: NpmPackage;
  /** SHA-256 of the files that are used. */
  readonly names: string;
  readonly sheets: Readonly<Record<EmojiSize, string>>;
}

/** In the package: all images of a size in one picture, each with a border of one pixel. */
export function sheetFile(size: EmojiSize): string {
  return `img/twitter/sheets/${size}.png`;
}

/**
 * The real one: version 16.0.0 has the images of Unicode Emoji 16. The pictures are Twemoji, © Twitter, Inc and other
 * contributors, under CC BY 4.0; names and places are by Cal Henderson, under the MIT licence:
 * https://github.com/iamcal/emoji-data.
 */
export const EMOJI_PUBLICATION: Publication = {
  npmPackage: {
    spec: 'emoji-datasource-twitter@16.0.0',
    size: 61_683_754,
    integrity:
      'sha512-7F+uCuHH+7Qnrc15P5tnbvKkg9E6tlzi4MnT2uW1RlN4pLYTza6cP/dstIfSDMtpjFLWuZewWg8jBbuL2eyELQ==',
  },
  names: '1d602e65be88772bf8cc368ce16b855d719eeddbafe128d471b80203f494d29f',
  sheets: {
    16: 'f46525a64aead1d83419e755ced5fe0a257ab53264d1434b542bbcb08c945e0d',
    20: 'aef7285139a5832b25d0ed29765593c421898b4093ec7d0e4df7a444cca985d9',
    32: '2767ef2e87cbfb6cc12ac46596c339549afaf0ae8771cf51100c8853f6bde632',
    64: 'daa7711b29897de6bd811a4cfeae911d8d8baa7f7e25c97d9b64354ae425ff5c',
  },
};
