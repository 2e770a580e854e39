// The comparison of the evidence, in seconds: unseen images take fewer bits than from pixels that are independent.
import { onnxruntimeCpu } from '@lapyra/backend-onnxruntime';
import type { Size, TensorValue } from '@lapyra/core';
import { trainMiniature } from '@lapyra/testing';
import { boxBilinear } from '@lapyra/transform-laplacian';
import { afterAll, expect, it } from 'vitest';
import { makeLevel, placeAt } from './make-level.js';

const sizes: readonly Size[] = [
  [4, 4],
  [8, 8],
];
const transform = await boxBilinear.plugin.create({}, undefined);
const engine = await (await onnxruntimeCpu.plugin.create({}, undefined)).open({ threads: 1 });
afterAll(() => engine.dispose());

it('tells unseen images in fewer bits than independent pixels and the uniform distribution', async () => {
  const options = { width: 8, blocks: 2, components: 3, average: 0.9, optimiser: { rate: 0.01 } };
  const level = await makeLevel(options, placeAt(sizes, 0, 3));
  const steps = 120;
  const { views, trained, held, state } = await trainMiniature({
    level,
    engine,
    transform,
    sizes,
    index: 0,
    steps,
  });
  const opened = await engine.open(state);
  const image = held('image');
  const program = await opened.compile(level.likelihood!, image.shape[0]!);
  const { logLikelihood } = await program.run({ image });
  await opened.dispose();
  const dimensions = 4 * 4 * 3;
  const bits =
    [...logLikelihood!.data].reduce((sum, nats) => sum - nats, 0) / image.data.length / Math.LN2;

  const seen = views.part(
    'image',
    Array.from({ length: trained }, (_, at) => at),
  );
  const pixel = (value: number): number =>
    Math.min(255, Math.max(0, Math.round(value * 64 + 127.5)));
  const counts = Array.from({ length: dimensions }, () => new Map<number, number>());
  const values = ({ data }: TensorValue): number[] => Array.from(data, pixel);
  values(seen).forEach((value, at) => {
    const count = counts[at % dimensions]!;
    count.set(value, (count.get(value) ?? 0) + 1);
  });
  const independent =
    values(image).reduce((sum, value, at) => {
      const count = counts[at % dimensions]!.get(value) ?? 0;
      return sum - Math.log2((count + 1) / (trained + 256));
    }, 0) / image.data.length;
  expect(bits).toBeLessThan(independent - 0.5);
  expect(bits).toBeLessThan(7.2);
});
