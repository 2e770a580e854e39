import { type Engine, hostSampler, type Level, plane, type TensorValue } from '@lapyra/core';
import { describe, expect, it } from 'vitest';
import { openTrainedLevel } from './trained-level.js';

/** A level that doubles each pixel of a 1×2 image and adds what `detail` draws. */
type Detail = Parameters<typeof hostSampler>[0];

function hostLevel(detail: Detail): Level {
  return {
    place: {
      size: [1, 4],
      coarse: [1, 2],
      channels: 1,
      condition: { kind: 'none' },
      transform: 'double',
      pixels: { mean: [127.5, 127.5, 127.5], scale: [64, 64, 64], exact: false },
    },
    noise: { z: plane([1, 4]) },
    output: 'band',
    sampler: hostSampler(detail),
    training: null,
  };
}

const double = {
  id: 'double',
  chained: true,
  check: () => {},
  downsample: () => {
    throw new Error('not wanted when drawing');
  },
  upsample: ({ shape, data }: { shape: readonly number[]; data: Float32Array }) => ({
    shape: [shape[0]!, 1, 4, 1] as const,
    data: Float32Array.from({ length: 2 * data.length }, (_, at) => data[at >> 1]!),
  }),
};

const inputs = {
  coarse: { dtype: 'float32', shape: [2, 1, 2, 1], data: Float32Array.of(1, 2, 3, 4) },
} as const;

async function draw(sample: Detail): Promise<TensorValue> {
  const runner = await openTrainedLevel({
    level: hostLevel(sample),
    transform: { plain: double, tensor: null as never },
    state: {},
    engine: null as unknown as Engine, // a host level must not touch it
  });
  return runner.run(inputs);
}

describe('openTrainedLevel with a sampler on the host', () => {
  it('adds the band to the upsampled image below', async () => {
    const drawn = await draw(async (_, { low }) => ({
      ...low!,
      data: Float32Array.from(low!.data, (value) => 10 * value),
    }));
    expect(drawn.shape).toEqual([2, 1, 4, 1]);
    expect([...drawn.data]).toEqual([11, 11, 22, 22, 33, 33, 44, 44]);
  });

  it.each([
    ['too few', [2, 1, 2, 1], 4, 0, 'got float32 [2, 1, 2, 1].'],
    [
      'not finite',
      [2, 1, 4, 1],
      8,
      Number.NaN,
      'got float32 [numbers that are not finite, or too few].',
    ],
  ])('refuses numbers that are %s', async (_, shape, length, value, message) => {
    const data = new Float32Array(length).fill(value);
    const drawn = draw(async () => ({ dtype: 'float32', shape, data }));
    await expect(drawn).rejects.toThrow(
      `level 1x4: expected its sampler to give finite float32 [2, 1, 4, 1], ${message}`,
    );
  });
});
