import {
  type DatasetBatch,
  type LevelPlace,
  type OpenDataset,
  randomStream,
  type Size,
  type Whitening,
} from '@lapyra/core';

/** Smooth random pictures: a plane of colour with a slope and a little grain, two classes. */
export function toyDataset(images = 60, size: Size = [6, 6]): OpenDataset {
  const [height, width] = size;
  return {
    size,
    channels: 3,
    classes: ['dark', 'light'],
    fingerprint: `toy ${images}`,
    count: { train: images, test: 0 },
    read: async function* (): AsyncGenerator<DatasetBatch> {
      const pixels = new Uint8Array(images * height * width * 3);
      const labels = new Uint8Array(images);
      for (let n = 0; n < images; n++) {
        labels[n] = n % 2;
        const stream = randomStream(7, 'toy', n);
        const [level = 0, slopeX = 0, slopeY = 0] = stream.uniform(3, -1, 1);
        const grain = stream.uniform(height * width * 3, -6, 6);
        for (let i = 0; i < grain.length; i++) {
          const x = Math.floor(i / 3) % width;
          const y = Math.floor(i / 3 / width);
          const value = 80 + 80 * (n % 2) + 30 * level + 10 * (slopeX * x + slopeY * y);
          pixels[n * grain.length + i] = Math.round(
            Math.min(255, Math.max(0, value + (grain[i] as number))),
          );
        }
      }
      yield { pixels, labels };
    },
  };
}

export const toySizes: readonly Size[] = [
  [2, 2],
  [5, 5],
];

export const toyPlace: LevelPlace = {
  size: [5, 5],
  coarse: [2, 2],
  channels: 3,
  condition: { kind: 'none' },
  transform: 'box-bilinear',
  pixels: { mean: [127.5, 127.5, 127.5], scale: [64, 64, 64], exact: false },
};

export const toyWhitening: Whitening = {
  kind: 'channel',
  shape: [1, 1, 1, 3],
  mean: Float32Array.of(120, 120, 120),
  scale: Float32Array.of(50, 50, 50),
};
