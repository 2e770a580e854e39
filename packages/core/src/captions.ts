// What is said about images beside their class: texts, or vectors that something else made of them. A pyramid that is
// conditioned on embeddings is told one of an image's captions at a time.

/** The captions of a dataset's images, each of which has one or more. */
export interface OpenCaptions {
  /** Whether captions are texts, for an encoder to read. */
  readonly texts: boolean;
  /** The length of the vectors that captions have, ready made; `null` if they have none. */
  readonly width: number | null;
  /** Changes when the captions do: a hash over them, or over the files that hold them. */
  readonly fingerprint: string;
  /** The captions of all images in the order in which the dataset reads the images, in batches of any length. */
  read(split: 'train' | 'test'): AsyncIterable<CaptionBatch>;
}

/** The captions of some images, in order. Where there are both, an image has as many vectors as texts. */
export interface CaptionBatch {
  /** One or more for each image; `null` if there are no texts. */
  readonly texts: readonly (readonly string[])[] | null;
  /** One or more [width] for each image; `null` if there are no vectors. */
  readonly vectors: readonly (readonly Float32Array[])[] | null;
}
