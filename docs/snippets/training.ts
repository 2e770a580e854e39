import type { Dataset, DatasetContext, Engine, Level, Transform, Whitening } from '@lapyra/core';
import { openImageStore, trainLevel, writeImageStore } from '@lapyra/training';

await writeImageStore('images.bin', await dataset.open(context)); // decoded once, read by every level
const store = openImageStore('images.bin', { validation: 5000 });
const outcome = await trainLevel({
  job: {
    index: 1,
    sizes: [
      [8, 8],
      [14, 14],
      [28, 28],
    ],
    flip: true,
    seed: 1,
    steps: 900,
    signature,
    versions,
  },
  level,
  transform,
  store,
  whitening,
  engine, // from plugins
  folder: 'runs/demo/levels/14',
  signal: AbortSignal.timeout(600_000), // stops after a step, with a checkpoint; the same call goes on from there
  emit: (event) => event.kind === 'score' && console.log(event.step, event.value),
  writePicture: async () => {},
});
console.log(outcome.status); // 'done', 'stopped' or 'diverged'

// What the caller has.
declare const dataset: Dataset;
declare const context: DatasetContext;
declare const level: Level;
declare const transform: Transform;
declare const whitening: Whitening;
declare const engine: Engine;
declare const signature: string;
declare const versions: Record<string, string>;
