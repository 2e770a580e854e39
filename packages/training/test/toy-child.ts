// The level process of the executor's tests: trains the toy level as its payload says.
import { join } from 'node:path';
import { openImageStore, serveLevelJob, trainLevel } from '@lapyra/training';
import { toyPlace, toySizes, toyWhitening } from './toy-data.js';
import { createToyEngine, toyTransform } from './toy-engine.js';
import { toyLevel } from './toy-level.js';

export interface ToyPayload {
  readonly root: string;
  readonly steps: number;
  /** Milliseconds that a step blocks the event loop. */
  readonly delay: number;
  readonly fail?: 'throw' | 'exit' | 'diverge';
}

await serveLevelJob(async ({ level, payload, signal, emit }) => {
  const { root, steps, delay, fail } = payload as unknown as ToyPayload;
  if (fail === 'throw') throw new Error('no such plugin');
  if (fail === 'exit') {
    process.stderr.write('out of memory\n');
    process.exit(7);
  }
  const store = openImageStore(join(root, 'images.bin'), { validation: 20 });
  try {
    return await trainLevel({
      job: {
        index: 1,
        sizes: toySizes,
        flip: true,
        seed: 3,
        steps,
        checkpointEvery: 10,
        scoreEvery: 40,
        scoreImages: 4,
        nearest: { k: 1, images: 1 },
        signature: 'toy',
        versions: {},
      },
      level: toyLevel({ place: toyPlace, ...(fail === 'diverge' ? { largestRate: 0 } : {}) }),
      transform: toyTransform,
      store,
      whitening: toyWhitening,
      engine: createToyEngine(delay),
      folder: join(root, 'levels', level),
      signal,
      emit,
      writePicture: async () => undefined,
    });
  } finally {
    store.close();
  }
});
