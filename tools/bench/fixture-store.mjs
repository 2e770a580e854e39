import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openImageStore, writeImageStore } from '@lapyra/training';

const RECORD = 1 + 3072;

/** The real CIFAR-10 images of the tests as an image store; `close` removes it. */
export async function openFixtureStore() {
  const bytes = readFileSync(
    new URL('../../packages/testing/fixtures/cifar10-512.bin', import.meta.url),
  );
  const count = bytes.length / RECORD;
  const pixels = new Uint8Array(count * 3072);
  for (let image = 0; image < count; image += 1) {
    for (let at = 0; at < 1024; at += 1) {
      for (let channel = 0; channel < 3; channel += 1) {
        pixels[image * 3072 + at * 3 + channel] = bytes[image * RECORD + 1 + channel * 1024 + at];
      }
    }
  }
  const folder = mkdtempSync(join(tmpdir(), 'lapyra-bench-'));
  const file = join(folder, 'images');
  await writeImageStore(file, {
    size: [32, 32],
    channels: 3,
    classes: null,
    fingerprint: 'cifar10-512',
    count: { train: count, test: 0 },
    read: async function* () {
      yield { pixels, labels: null };
    },
  });
  const store = openImageStore(file);
  return {
    store,
    close: () => {
      store.close();
      rmSync(folder, { recursive: true });
    },
  };
}
