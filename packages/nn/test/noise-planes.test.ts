// Noise designs against values written out by hand, their covariance, and finite differences.
import { hashPositions, initialState, type NoiseDesign, orthonormalRows } from '@lapyra/core';
import { type NoisePlanes, noisePlanes, noiseVector, valueAndGrads } from '@lapyra/nn';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { expectClose, finiteDifferences, seeded, values } from './numbers.js';

beforeAll(() => tf.setBackend('cpu'));

const plain = { distribution: 'uniform', gain: null, gainPer: 'plane' } as const;
const hashed = { design: 'hashed', variables: 5, planes: 2, seed: 7, ...plain } as const;
const lowRank = {
  design: 'low-rank',
  rank: 3,
  planes: 1,
  basis: 'learned',
  seed: 1,
  ...plain,
} as const;

/** A design's planes of given noise, with state as it begins unless it is given. */
function planesOf(noise: NoisePlanes, z: tf.Tensor, state?: Record<string, tf.Tensor>): tf.Tensor {
  const first = Object.entries(initialState(noise.state, 1, 'test')).map(
    ([name, { data, shape }]) => [name, tf.tensor(data, [...shape])] as const,
  );
  const result = noise.apply(state ?? Object.fromEntries(first), { z });
  if (!result) throw new Error('no planes');
  return result;
}

describe('noisePlanes', () => {
  it('of a plane are the noise as it is drawn', () => {
    const noise = noisePlanes({ design: 'plane', planes: 2, ...plain }, [2, 3]);
    const z = seeded([2, 2, 3, 2], 1);
    expect(noise.noise['z']?.shape).toEqual([2, 3, 2]);
    expect([noise.planes, noise.state]).toEqual([2, {}]);
    expect(values(planesOf(noise, z))).toEqual(values(z));
  });

  it('of a vector repeat each variable over a plane of its own', () => {
    const noise = noisePlanes({ design: 'vector', length: 2, ...plain }, [1, 3]);
    const planes = planesOf(
      noise,
      tf.tensor2d([
        [1, 2],
        [3, 4],
      ]),
    );
    expect(planes.shape).toEqual([2, 1, 3, 2]);
    expect(values(planes)).toEqual([1, 2, 1, 2, 1, 2, 3, 4, 3, 4, 3, 4]);
  });

  it('of low rank are z·W, worked by hand', () => {
    const noise = noisePlanes({ ...lowRank, rank: 2 }, [1, 3]);
    const basis = tf.tensor2d([
      [1, 2, 3],
      [10, 20, 40],
    ]);
    const planes = planesOf(
      noise,
      tf.tensor2d([
        [1, 0],
        [2, -1],
      ]),
      { basis },
    );
    expect(planes.shape).toEqual([2, 1, 3, 1]);
    expect(values(planes)).toEqual([1, 2, 3, -8, -16, -34]);
  });

  it('of low rank with a fixed basis have a covariance of that rank, all of whose variance is equal', () => {
    const noise = noisePlanes({ ...lowRank, rank: 4, basis: 'fixed', planes: 2 }, [3, 5]);
    expect(noise.state).toEqual({});
    const basis = planesOf(noise, tf.eye(4)); // z = the unit vectors: the rows of W
    const gram = tf.matMul(tf.reshape(basis, [4, 30]), tf.reshape(basis, [4, 30]), false, true);
    // W·Wᵀ = (positions / rank)·I, so that a position's variance Σ W² is 1 on average.
    expectClose(gram, { shape: [4, 4], data: values(tf.mul(tf.eye(4), 30 / 4)) }, 1e-5);
    // The rows are core's.
    const rows = orthonormalRows(4, 30, 1, 'noise', 3, 5, 2);
    expect(values(basis)[7]).toBeCloseTo(rows[7]! * Math.sqrt(30 / 4), 6);
  });

  it('of a learned basis begin with the variance of the noise at each position, on average', () => {
    const noise = noisePlanes({ ...lowRank, rank: 16 }, [28, 28]);
    const basis = values(planesOf(noise, tf.eye(16)));
    const variance = basis.reduce((sum, value) => sum + value * value, 0) / 784;
    // 16·784 squares of normals with deviation 1/4: the mean is 1 to 1 % (one deviation: √(2/12544) = 0.0126).
    expect(Math.abs(variance - 1)).toBeLessThan(0.04);
  });

  it('of hashed variables are the variables where the map says, with its signs', () => {
    const noise = noisePlanes(hashed, [3, 4]);
    const z = tf.tensor2d([
      [1, 2, 4, 8, 16],
      [1, 0, 0, 0, 0],
    ]);
    const planes = planesOf(noise, z);
    expect(planes.shape).toEqual([2, 3, 4, 2]);
    const { index, sign } = hashPositions(5, 24, 7, 'noise', 3, 4, 2);
    const powers = [1, 2, 4, 8, 16];
    const expected = Array.from(index, (variable, at) => sign[at]! * powers[variable]!);
    expect(values(planes).slice(0, 24)).toEqual(expected);
    // Each variable is at 24/5 positions, 4 or 5 of them: the second image has only the first variable.
    const used = values(planes)
      .slice(24)
      .filter((value) => value !== 0);
    expect([4, 5]).toContain(used.length);
    expect(new Set(used.map(Math.abs))).toEqual(new Set([1]));
  });

  it('without noise are none, and leave images as they are', () => {
    const noise = noisePlanes({ design: 'none' }, [3, 4]);
    const images = seeded([2, 3, 4, 3], 1);
    expect([noise.noise, noise.planes, noise.state]).toEqual([{}, 0, {}]);
    expect(noise.apply({}, {})).toBeNull();
    expect(noise.prepend({}, {}, images)).toBe(images);
  });

  it('stand before the colours', () => {
    const noise = noisePlanes({ design: 'plane', planes: 1, ...plain }, [1, 2]);
    const z = tf.tensor4d([7, 8], [1, 1, 2, 1]);
    const images = tf.tensor4d([1, 2, 3, 4], [1, 1, 2, 2]);
    expect(values(noise.prepend({}, { z }, images))).toEqual([7, 1, 2, 8, 3, 4]);
  });

  it.each([
    ['plane', [2, 3]],
    ['all', [2]],
  ] as const)('are multiplied by a gain, one per %s', (gainPer, gains) => {
    const noise = noisePlanes({ design: 'vector', length: 2, ...plain, gain: 0, gainPer }, [1, 2]);
    expect(noise.state).toEqual({
      gain: { shape: [gains.length], role: 'weight', initial: { fill: 0 } },
    });
    const z = tf.tensor2d([[1, 10]]);
    expect(values(planesOf(noise, z))).toEqual([0, 0, 0, 0]); // as it begins
    const [first, second = first] = gains;
    expect(values(planesOf(noise, z, { gain: tf.tensor1d([...gains]) }))).toEqual([
      first,
      10 * second,
      first,
      10 * second,
    ]);
  });

  it('let their gain and their basis be learned', () => {
    const noise = noisePlanes({ ...lowRank, gain: 0.5 }, [2, 2]);
    const z = seeded([2, 3], 1);
    const weight = seeded([2, 2, 2, 1], 2);
    const at: Record<string, tf.Tensor> = { basis: seeded([3, 4], 3), gain: tf.tensor1d([0.5]) };
    const loss = (state: Record<string, tf.Tensor>): tf.Tensor =>
      tf.sum(tf.mul(planesOf(noise, z, state), weight));
    const { gradients } = valueAndGrads((state) => loss({ ...state }), at);
    for (const name of ['basis', 'gain'])
      expectClose(
        gradients[name],
        finiteDifferences((x) => loss({ ...at, [name]: x }), at[name]!),
        1e-3,
      );
  });

  it.each<[NoiseDesign, string]>([
    [{ ...lowRank, rank: 13 }, 'noise at 3x4: expected rank of at most 12'],
    [{ ...hashed, variables: 25 }, 'noise at 3x4: expected variables of at most 24'],
  ])('refuse %j', (design, message) => {
    expect(() => noisePlanes(design, [3, 4])).toThrow(message);
  });

  it('refuse noise of another shape', () => {
    const noise = noisePlanes({ design: 'plane', planes: 1, ...plain }, [2, 2]);
    expect(() => noise.apply({}, { z: tf.zeros([1, 2, 2, 3]) })).toThrow(
      'noisePlanes: expected [B, H, W, 1], got [1, 2, 2, 3].',
    );
    expect(() => noise.apply({}, {})).toThrow("noisePlanes: expected a tensor 'z', got none.");
  });
});

describe('noiseVector', () => {
  it('is the vector, times its gain', () => {
    const design = { design: 'vector', length: 3, ...plain } as const;
    const z = tf.tensor2d([[1, 2, 3]]);
    const bare = noiseVector(design, [8, 8], 'dense');
    expect([bare.length, bare.state]).toEqual([3, {}]);
    expect(values(bare.apply({}, { z }))).toEqual([1, 2, 3]);
    const scaled = noiseVector({ ...design, gain: 1 }, [8, 8], 'dense');
    expect(scaled.state['gain']).toMatchObject({ shape: [3], initial: { fill: 1 } });
    expect(values(scaled.apply({ gain: tf.tensor1d([2, 3, 4]) }, { z }))).toEqual([2, 6, 12]);
  });

  it.each<[NoiseDesign, string]>([
    [{ design: 'plane', planes: 1, ...plain }, 'got plane.'],
    [hashed, 'got hashed.'],
    [{ design: 'none' }, 'got none.'],
  ])('refuses %j', (design, got) => {
    expect(() => noiseVector(design, [8, 8], 'dense')).toThrow(
      expect.objectContaining({
        code: 'LAPYRA_NOISE_DESIGN',
        message: `dense at 8: expected noise of the design vector, ${got}`,
      }) as Error,
    );
  });
});
