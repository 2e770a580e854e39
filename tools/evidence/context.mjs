// What a row is given: real images, training and drawing as users do them, measures, pictures, and the time that is left.
import { mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { onnxruntimeCpu } from '@lapyra/backend-onnxruntime';
import { imageGrid, writePng } from '@lapyra/images';
import { root } from '../scripts/run.mjs';
import { openCifar10 } from './cifar10-images.mjs';
import { meanSquaredError, psnr } from './measures.mjs';
import { createProject } from './project.mjs';

const MOST_BYTES = 60_000;

/** See README.md, which lists what a row may use. */
export async function createContext(row, { folder, part, isTrial }) {
  const started = performance.now();
  const elapsed = () => (performance.now() - started) / 1000;
  const left = () => row.budgetSeconds - elapsed();
  const log = (line) =>
    console.error(`[${row.name} ${elapsed().toFixed(0)} s, ${left().toFixed(0)} s left] ${line}`);
  const picturesFolder = isTrial ? folder : join(root, 'docs/evidence');
  mkdirSync(folder, { recursive: true });
  mkdirSync(picturesFolder, { recursive: true });
  const pictures = [];
  const opened = [];
  let cifar10;
  const project = createProject(join(folder, 'project'), { log, part, opened });
  return {
    /** Folder of the row's own, for whatever it writes. */
    folder,
    /** Seeds of independent repetitions. */
    seeds: [1, 2, 3],
    part,
    /** Steps of a training: fewer in a trial, never less than `least`. */
    steps: (count, least = 2) => Math.max(least, Math.round(count * part)),
    /** Images to measure on: fewer in a trial. */
    count: (count, least = 16) => Math.max(least, Math.round(count * part)),
    log,
    elapsed,
    left,
    /** CIFAR-10 through its dataset plugin and the cache. */
    cifar10: () => (cifar10 ??= openCifar10(log)),
    /** Train a pyramid, or some levels of one, in processes as `lapyra train` does. */
    train: (request) => project.train(request),
    project: project.folder,
    /** An engine of ONNX Runtime, disposed of with the row. */
    engine: async ({ threads = 1 } = {}) => {
      const backend = await onnxruntimeCpu.plugin.create({}, undefined);
      const engine = await backend.open({ threads });
      opened.push(engine);
      return engine;
    },
    psnr,
    meanSquaredError,
    /**
     * Write a grid of images as docs/evidence/ROW[-NAME].png and put it beside the row.
     *
     * @param rows of the same number of images each: `{ label?, pixels: uint8 [n, H, W, C] }`
     */
    picture: async ({ name = '', caption, rows, size, channels = 3, scale = 2 }) => {
      const columns = rows[0].pixels.length / (size[0] * size[1] * channels);
      const file = `${row.name}${name && `-${name}`}.png`;
      const grid = imageGrid({
        images: Buffer.concat(rows.map(({ pixels }) => pixels)),
        size,
        channels,
        columns,
        scale,
        gap: 1,
        ...(rows.some(({ label }) => label)
          ? { rowLabels: rows.map(({ label }) => label ?? '') }
          : {}),
      });
      const path = join(picturesFolder, file);
      await writePng(path, grid, { colours: 128 });
      const { size: bytes } = statSync(path);
      if (bytes > MOST_BYTES)
        throw new Error(
          `${file}: expected at most ${MOST_BYTES} bytes, got ${bytes}: show fewer images, or smaller ones.`,
        );
      pictures.push({ file, caption });
      log(`wrote ${path}`);
    },
    pictures,
    dispose: async () => {
      for (const one of opened.toReversed()) await one.dispose();
      cifar10?.then(
        ({ close }) => close(),
        () => undefined,
      );
    },
  };
}
