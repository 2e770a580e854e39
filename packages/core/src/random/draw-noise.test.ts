import { describe, expect, it } from 'vitest';
import { plane, vector } from '../noise.js';
import { drawNoise, drawNoiseByImage } from './draw-noise.js';
import { randomStream } from './random-stream.js';

const spec = { z: vector(5, { distribution: 'normal' }), plane: plane([2, 3]) };

describe('drawNoise', () => {
  it('gives each tensor by name, keyed by its name', () => {
    const noise = drawNoise(spec, 4, 7, '14', 3);
    expect(noise).toEqual({
      z: { dtype: 'float32', shape: [4, 5], data: randomStream(7, '14', 3, 'z').normal(20) },
      plane: {
        dtype: 'float32',
        shape: [4, 2, 3, 1],
        data: randomStream(7, '14', 3, 'plane').uniform(24, -1, 1),
      },
    });
  });

  it('gives nothing for no noise', () => {
    expect(drawNoise({}, 4, 1)).toEqual({});
  });
});

describe('drawNoiseByImage', () => {
  it('keys the noise of an image by its number behind the tensor’s name', () => {
    const { z, plane: drawn } = drawNoiseByImage(spec, 7, 2, 'sample', 1);
    for (const [at, image] of [7, 8].entries()) {
      const [normal, uniform] = ['z', 'plane'].map((name) =>
        randomStream('sample', 1, name, image),
      );
      expect(z!.data.slice(5 * at, 5 * at + 5)).toEqual(normal!.normal(5));
      expect(drawn!.data.slice(6 * at, 6 * at + 6)).toEqual(uniform!.uniform(6, -1, 1));
    }
  });

  it('gives an image the same noise in any batch', () => {
    const all = drawNoiseByImage(spec, 0, 6, 'sample', 1);
    const part = drawNoiseByImage(spec, 2, 3, 'sample', 1);
    expect(part['z']).toEqual({
      dtype: 'float32',
      shape: [3, 5],
      data: all['z']!.data.slice(10, 25),
    });
    expect(part['plane']!.data).toEqual(all['plane']!.data.slice(12, 30));
  });

  it('gives each image its own', () => {
    const { data } = drawNoiseByImage(spec, 0, 2, 1)['z']!;
    expect(data.slice(0, 5)).not.toEqual(data.slice(5));
  });
});
