// CIFAR-10 in memory, less the images that are held out, and random crops of it.
import { homedir } from 'node:os';
import { join } from 'node:path';
import { randomStream } from '@lapyra/core';
import { cifar10 } from '@lapyra/dataset-cifar10';

const SIDE = 32;
const IMAGE = SIDE * SIDE * 3;
const CLASSES = 10;

/** The first images of each class in the training set that the fixture of the tests is made of: never trained on. */
const HELD_OUT = 512;

/** Both splits as { pixels [n, 32, 32, 3], labels [n] }; the training set without the fixture's images. */
export async function readImages() {
  const { plugin } = cifar10;
  const options = await plugin.options['~standard'].validate({});
  const dataset = await plugin.create(options.value, undefined);
  const open = await dataset.open({
    projectFolder: process.cwd(),
    cacheFolder: process.env.LAPYRA_CACHE ?? join(homedir(), '.cache', 'lapyra'),
    signal: new AbortController().signal,
    progress: () => {},
    notice: (line) => console.log(line),
  });
  const train = await readSplit(open, 'train');
  return {
    train: withoutFixture(train),
    test: await readSplit(open, 'test'),
    classes: open.classes,
  };
}

async function readSplit(open, split) {
  const count = open.count[split];
  const pixels = new Uint8Array(count * IMAGE);
  const labels = new Uint8Array(count);
  let at = 0;
  for await (const batch of open.read(split)) {
    pixels.set(batch.pixels, at * IMAGE);
    labels.set(batch.labels, at);
    at += batch.labels.length;
  }
  return { pixels, labels };
}

function withoutFixture({ pixels, labels }) {
  const room = Array.from(
    { length: CLASSES },
    (_, label) => Math.floor(HELD_OUT / CLASSES) + (label < HELD_OUT % CLASSES ? 1 : 0),
  );
  const kept = [];
  for (const [at, label] of labels.entries()) {
    if (room[label] > 0) room[label] -= 1;
    else kept.push(at);
  }
  const left = new Uint8Array(kept.length * IMAGE);
  kept.forEach((from, to) =>
    left.set(pixels.subarray(from * IMAGE, (from + 1) * IMAGE), to * IMAGE),
  );
  return { pixels: left, labels: Uint8Array.from(kept, (at) => labels[at]) };
}

/** The order of the images in one epoch. */
export function shuffled(count, seed, epoch) {
  const order = Uint32Array.from({ length: count }, (_, at) => at);
  const random = randomStream(seed, 'order', epoch).uniform(count);
  for (let last = count - 1; last > 0; last -= 1) {
    const other = Math.floor(random[last] * (last + 1));
    [order[last], order[other]] = [order[other], order[last]];
  }
  return order;
}

/** Crops [n, side, side, 3] at random places, every second one mirrored on average. */
export function randomCrops({ pixels }, indices, side, ...key) {
  const count = indices.length;
  const stream = randomStream(...key);
  const [tops, lefts] = [
    stream.integers(count, SIDE - side + 1),
    stream.integers(count, SIDE - side + 1),
  ];
  const mirrored = stream.integers(count, 2);
  const out = new Uint8Array(count * side * side * 3);
  for (let n = 0; n < count; n += 1) {
    for (let y = 0; y < side; y += 1) {
      const from = indices[n] * IMAGE + ((y + tops[n]) * SIDE + lefts[n]) * 3;
      const to = (n * side + y) * side * 3;
      if (mirrored[n] === 0) {
        out.set(pixels.subarray(from, from + side * 3), to);
        continue;
      }
      for (let x = 0; x < side; x += 1)
        for (let c = 0; c < 3; c += 1) out[to + (side - 1 - x) * 3 + c] = pixels[from + x * 3 + c];
    }
  }
  return out;
}

/** The centre crops [n, side, side, 3] of all images. */
export function centreCrops({ pixels, labels }, side) {
  const edge = (SIDE - side) / 2;
  const out = new Uint8Array(labels.length * side * side * 3);
  for (let n = 0; n < labels.length; n += 1)
    for (let y = 0; y < side; y += 1) {
      const start = n * IMAGE + ((y + edge) * SIDE + edge) * 3;
      out.set(pixels.subarray(start, start + side * 3), (n * side + y) * side * 3);
    }
  return out;
}
