import type { OpenCaptions } from './captions.js';
import type { Size } from './size.js';

/** Training images from somewhere, as a plugin supplies them. */
export interface Dataset {
  /** For messages: `CIFAR-10`. */
  readonly name: string;
  /** Find, fetch and verify the images; decoding may wait until they are read. */
  open(context: DatasetContext): Promise<OpenDataset>;
}

export interface DatasetContext {
  /** Folder that holds the config: relative paths start here. */
  readonly projectFolder: string;
  /** Where downloads may be kept between runs. */
  readonly cacheFolder: string;
  readonly signal: AbortSignal;
  /** Progress of long work: `unit` is `bytes` or `images`. */
  progress(event: {
    readonly what: string;
    readonly done: number;
    readonly total: number;
    readonly unit: string;
  }): void;
  /** One line worth knowing: a source that was skipped, a file that was left out. */
  notice(line: string): void;
}

export interface OpenDataset {
  /** All images have this size. */
  readonly size: Size;
  readonly channels: 1 | 3 | 4;
  /** Names of the classes, if the images are labelled. */
  readonly classes: readonly string[] | null;
  /** What is said about each image, if anything is. Read on their own: images need not be decoded for them. */
  readonly captions?: OpenCaptions;
  /** Changes when the images do: name, version and settings, or a hash over the files. */
  readonly fingerprint: string;
  /** Number of images; `test` may be 0. */
  readonly count: { readonly train: number; readonly test: number };
  /** The images in a fixed order, in batches of any length: uint8 [n, H, W, C], 0…255. */
  read(split: 'train' | 'test'): AsyncIterable<DatasetBatch>;
}

export interface DatasetBatch {
  readonly pixels: Uint8Array;
  /** Class of each image, if labelled. */
  readonly labels: Uint8Array | Uint16Array | null;
}
