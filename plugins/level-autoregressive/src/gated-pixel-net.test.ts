import '@tensorflow/tfjs-backend-cpu';
import { elementCount, randomStream } from '@lapyra/core';
import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { type GatedPixelNet, gatedPixelNet } from './gated-pixel-net.js';

const frame = { channels: 2, width: 12, low: false, condition: 0, outputs: 3 } as const;

/** The net with random weights, as a function of pixels. */
function randomNet(
  net: GatedPixelNet,
): (pixels: Float32Array, size: readonly [number, number]) => Float32Array {
  const weights = Object.entries(net.state).map(([name, { shape }]) => {
    const data = randomStream(1, name).uniform(elementCount(shape), -0.7, 0.7);
    return [name, tf.tensor(data, [...shape])] as const;
  });
  const state = Object.fromEntries(weights);
  return (pixels, size) =>
    tf.tidy(() =>
      net.apply(state, tf.tensor(pixels, [1, ...size, frame.channels]), {}).dataSync<'float32'>(),
    );
}

it.each([
  [3, 4, 3],
  [4, 3, 3],
  [1, 5, 2],
  [5, 1, 2],
] as const)(
  'predicts each pixel of %i×%i from all before it, and from no other',
  (height, width, blocks) => {
    const size = [height, width] as const;
    const run = randomNet(gatedPixelNet({ ...frame, size, blocks }));
    const pixels = height * width;
    const base = randomStream(2, 'pixels').uniform(pixels * frame.channels, -1, 1);
    const before = run(base, size);
    for (let changed = 0; changed < pixels; changed += 1) {
      const other = base.slice();
      other[changed * frame.channels] = other[changed * frame.channels]! + 0.5;
      const after = run(other, size);
      for (let at = 0; at < pixels; at += 1) {
        const range = [at * frame.outputs, (at + 1) * frame.outputs] as const;
        const same = after.slice(...range).join() === before.slice(...range).join();
        expect(same, `pixel ${at} after a change of pixel ${changed}`).toBe(at <= changed);
      }
    }
  },
);

it('looks at what it is given at every pixel', () => {
  const size = [2, 2] as const;
  const net = gatedPixelNet({ ...frame, size, blocks: 1, low: true, condition: 3 });
  const state = Object.fromEntries(
    Object.entries(net.state).map(([name, { shape }]) => [
      name,
      tf.tensor(randomStream(1, name).uniform(elementCount(shape), -0.7, 0.7), [...shape]),
    ]),
  );
  const pixels = tf.zeros([1, ...size, frame.channels]);
  const run = (low: number, condition: number[]): number[] => {
    const given = {
      low: tf.fill([1, ...size, frame.channels], low),
      condition: tf.tensor2d([condition]),
    };
    return [...net.apply(state, pixels, given).dataSync<'float32'>()];
  };
  const base = run(0.5, [1, 0, 0]);
  for (const other of [run(-0.5, [1, 0, 0]), run(0.5, [0, 1, 0])])
    for (const [at, value] of other.entries())
      expect(Math.abs(value - base[at]!), `output ${at}`).toBeGreaterThan(1e-4);
});
