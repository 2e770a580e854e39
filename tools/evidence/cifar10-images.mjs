import { cifar10 } from '@lapyra/dataset-cifar10';
import { cacheFolder, storeImages } from '@lapyra/runtime';
import { createCropReader, openImageStore } from '@lapyra/training';
import { root } from '../scripts/run.mjs';

/**
 * CIFAR-10 through its dataset plugin, decoded once and kept in the cache folder: the image `store`, the names of the
 * `classes`, and `read({ split, first, count, crop })` → `{ pixels: uint8 [count, crop, crop, 3], labels }`, middle crops.
 */
export async function openCifar10(log) {
  const hooks = {
    progress: ({ what, done, total }) => done === total && log(`${what}: done`),
    notice: log,
  };
  const { signal } = new AbortController();
  const { value: options } = await cifar10.plugin.options['~standard'].validate({});
  const dataset = await cifar10.plugin.create(options, undefined);
  const open = await dataset.open({
    projectFolder: root,
    cacheFolder: cacheFolder(),
    signal,
    ...hooks,
  });
  const store = openImageStore(await storeImages(dataset.name, open, hooks, signal));
  return {
    store,
    classes: open.classes,
    read: ({ split = 'test', first = 0, count, crop = 28 }) => {
      const indices = Array.from({ length: count }, (_, at) => first + at);
      return {
        pixels: createCropReader(store, [crop, crop]).centre(split, indices),
        labels: indices.map((index) => store.label(split, index)),
      };
    },
    close: () => store.close(),
  };
}
