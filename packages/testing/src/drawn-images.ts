import { LapyraError, randomStream } from '@lapyra/core';
import type { LabelledImages } from './read-cifar10-fixture.js';

const SIDE = 32;

/** What is drawn, 1 inside and 0 outside, by the class of a picture; x and y from the middle, in radii. */
const SHAPES: readonly ((x: number, y: number) => number)[] = [
  (x, y) => Number(Math.hypot(x, y) < 1), // disc
  (x, y) => Number(Math.max(Math.abs(x), Math.abs(y)) < 0.9), // square
  (x, y) => Number(Math.abs(Math.hypot(x, y) - 0.8) < 0.25), // ring
  (x, y) => Number(Math.abs(x) + Math.abs(y) < 1.2), // diamond
  (x, y) => Number(Math.min(Math.abs(x), Math.abs(y)) < 0.3 && Math.hypot(x, y) < 1.3), // cross
  (x) => Number(Math.floor(x * 3) % 2 === 0), // stripes
  (_, y) => Number(Math.floor(y * 3) % 2 === 0),
  (x, y) => Number((Math.floor(x * 2) + Math.floor(y * 2)) % 2 === 0), // checks
  (x, y) => Math.max(0, 1 - Math.hypot(x, y)), // a soft spot
  (x, y) => 0.5 + 0.5 * Math.sin(3 * x + 2 * y), // waves
];

/**
 * Pictures of ten kinds of shapes on shaded grounds, uint8 [count, 32, 32, 3], for suites where there are no photographs:
 * they have colours, edges and smooth parts, so that a level has something to learn. The same from the same seed.
 *
 * @param count at least 1; kinds take turns, as labels 0…9
 * @throws {LapyraError} `LAPYRA_TESTING_FIXTURE` for another count
 */
export function drawnImages(count = 128, seed = 1): LabelledImages {
  if (!Number.isInteger(count) || count < 1)
    throw new LapyraError(
      'LAPYRA_TESTING_FIXTURE',
      `drawnImages: expected a whole number of at least 1, got ${count}.`,
    );
  const pixels = new Uint8Array(count * SIDE * SIDE * 3);
  const labels = Uint8Array.from({ length: count }, (_, image) => image % SHAPES.length);
  for (let image = 0; image < count; image++) {
    const stream = randomStream('drawn images', seed, image);
    const [ground, shade, colour] = [stream.uniform(3), stream.uniform(3), stream.uniform(3)];
    const [left, top, radius, turn] = [...stream.uniform(4)] as [number, number, number, number];
    const reach = (0.2 + 0.2 * radius) * SIDE;
    const [cos, sin] = [Math.cos(turn * Math.PI), Math.sin(turn * Math.PI)];
    for (let y = 0; y < SIDE; y++)
      for (let x = 0; x < SIDE; x++) {
        const across = (x - (0.3 + 0.4 * left) * SIDE) / reach;
        const down = (y - (0.3 + 0.4 * top) * SIDE) / reach;
        const inside = SHAPES[labels[image]!]!(
          cos * across + sin * down,
          cos * down - sin * across,
        );
        for (let channel = 0; channel < 3; channel++) {
          const slope = (y / SIDE) * (shade[channel]! - 0.5);
          const behind = Math.min(1, Math.max(0, ground[channel]! + slope));
          const value = inside * colour[channel]! + (1 - inside) * behind;
          pixels[((image * SIDE + y) * SIDE + x) * 3 + channel] = Math.round(255 * value);
        }
      }
  }
  return { shape: [count, SIDE, SIDE, 3], pixels, labels };
}
