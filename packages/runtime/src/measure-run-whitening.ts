import {
  measureWhitening,
  randomStream,
  type Size,
  type Whitening,
  type WhiteningKind,
} from '@lapyra/core';
import { createCropReader, openImageStore } from '@lapyra/training';

export interface WhiteningRequest {
  readonly kind: WhiteningKind;
  /** File of the decoded images. */
  readonly store: string;
  /** Images kept aside, which are not measured; `null`: the store's default. */
  readonly validation: number | null;
  readonly crop: Size;
  readonly seed: number;
}

/** Images read at once. */
const BATCH = 500;

/** How the training images are to be normalised, measured on one random crop of each. */
export async function measureRunWhitening(
  request: WhiteningRequest,
  progress: (done: number, total: number) => void,
): Promise<Whitening> {
  const { kind, crop, seed, validation } = request;
  const store = openImageStore(request.store, validation === null ? {} : { validation });
  try {
    return await measureWhitening(kind, crop, store.channels, crops());
  } finally {
    store.close();
  }

  async function* crops(): AsyncGenerator<Uint8Array> {
    const reader = createCropReader(store, crop);
    const [down, right] = reader.slack;
    const total = store.count.train;
    const ys = randomStream(seed, 'whitening', 'y').integers(total, down + 1);
    const xs = randomStream(seed, 'whitening', 'x').integers(total, right + 1);
    const one = crop[0] * crop[1] * store.channels;
    for (let first = 0; first < total; first += BATCH) {
      const count = Math.min(BATCH, total - first);
      const pixels = new Uint8Array(count * one);
      for (let at = 0; at < count; at += 1) {
        reader.read('train', first + at, ys[first + at]!, xs[first + at]!, false, pixels, at);
      }
      progress(first + count, total);
      yield pixels;
    }
  }
}
