import {
  hostSampler,
  boxBilinearTransform,
  type ConditionSpec,
  imageBatch,
  type Level,
  plane,
  vector,
} from '@lapyra/core';
import { fusedPyramid, separableTensorTransform } from '@lapyra/nn';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { seeded, values } from './numbers.js';

beforeAll(() => tf.setBackend('cpu'));

const transform = separableTensorTransform(boxBilinearTransform);
const whitening = {
  shape: [1, 1, 1, 3],
  mean: Float32Array.of(100, 120, 140),
  scale: Float32Array.of(40, 50, 60),
} as const;

/** Draws gain · z as an image of 2×2, and gain · noise + low/4 as the band of 3×4. */
function pyramid(condition: ConditionSpec = { kind: 'none' }): Level[] {
  const place = {
    channels: 3,
    condition,
    transform: 'box-bilinear',
    pixels: { mean: [127.5, 127.5, 127.5], scale: [64, 64, 64], exact: false },
  };
  const program = { name: 'sampler', reads: ['gain'], writes: [], inputs: {} };
  const shifted = (image: tf.Tensor, given: tf.Tensor | undefined): tf.Tensor =>
    given
      ? tf.add(
          image,
          tf.reshape(tf.sum(tf.mul(given, tf.range(0, given.shape[1] ?? 0)), 1), [-1, 1, 1, 1]),
        )
      : image;
  return [
    {
      place: { ...place, size: [2, 2], coarse: null },
      noise: { z: vector(12, { distribution: 'normal' }) },
      output: 'image',
      sampler: {
        ...program,
        outputs: { image: 'float32' },
        run: ({ gain }, { 'noise.z': z, condition: given }) => ({
          state: {},
          outputs: { image: shifted(tf.mul(gain ?? 0, tf.reshape(z ?? 0, [-1, 2, 2, 3])), given) },
        }),
      },
      training: null,
    },
    {
      place: { ...place, size: [3, 4], coarse: [2, 2] },
      noise: { grain: plane([3, 4]) },
      output: 'band',
      sampler: {
        ...program,
        outputs: { band: 'float32' },
        run: ({ gain }, { 'noise.grain': grain, low }) => ({
          state: {},
          outputs: { band: tf.add(tf.mul(gain ?? 0, grain ?? 0), tf.div(low ?? 0, 4)) },
        }),
      },
      training: null,
    },
  ];
}

const state = { 'level-2.gain': tf.scalar(0.5), 'level-3x4.gain': tf.scalar(2) };

/** Φ-based uniform on [−1, 1) by the series of erf, which is exact to double precision for |z| < 3. */
function uniform(z: number): number {
  const x = z / Math.SQRT2;
  let [sum, term] = [x, x];
  for (let n = 1; n < 80; n++) {
    term *= -(x * x) / n;
    sum += term / (2 * n + 1);
  }
  return (2 / Math.sqrt(Math.PI)) * sum;
}

/** The same pyramid on plain numbers: pixels [B, H, W, C] before rounding. */
function expected(z: readonly number[]): number[] {
  const first = imageBatch(
    [1, 2, 2, 3],
    Float32Array.from(z.slice(0, 12), (v) => 0.5 * v),
  );
  const low = boxBilinearTransform.upsample(first, [3, 4]);
  return Array.from(low.data, (v, index) => {
    const x = 1.25 * v + 2 * uniform(z[12 + Math.floor(index / 3)] ?? Number.NaN);
    return x * (whitening.scale[index % 3] ?? 0) + (whitening.mean[index % 3] ?? 0);
  });
}

describe('fusedPyramid', () => {
  it('declares its inputs, its output and the slices of z', () => {
    const { program, slices } = fusedPyramid({ levels: pyramid(), transform, whitening });
    expect(program.inputs).toEqual({ z: { dtype: 'float32', shape: [null, 24] } });
    expect(program.outputs).toEqual({ image: 'uint8' });
    expect(program.reads).toEqual(['level-2.gain', 'level-3x4.gain']);
    expect(slices).toEqual([
      { level: '2', noise: 'z', offset: 0, length: 12 },
      { level: '3x4', noise: 'grain', offset: 12, length: 12 },
    ]);
  });

  it('draws what its levels draw one after the other', () => {
    const { program } = fusedPyramid({ levels: pyramid(), transform, whitening });
    const z = tf.mul(seeded([5, 24], 11), 2.5);
    const { image } = program.run(state, { z }).outputs;
    expect(image?.shape).toEqual([5, 3, 3, 4]);
    expect(image?.dtype).toBe('int32');
    const pixels = values(image);
    let checked = 0;
    for (let b = 0; b < 5; b++) {
      expected(values(z).slice(b * 24, (b + 1) * 24)).forEach((value, index) => {
        const [y, x, c] = [Math.floor(index / 12), Math.floor(index / 3) % 4, index % 3];
        const pixel = pixels[((b * 3 + c) * 3 + y) * 4 + x] ?? Number.NaN;
        const clipped = Math.min(255, Math.max(0, value));
        // Within rounding, and no further: a value nearly halfway may go either way in float32.
        expect(Math.abs(pixel - clipped)).toBeLessThanOrEqual(0.5 + 1e-4);
        checked += Number(value > 0 && value < 255);
      });
    }
    expect(checked).toBeGreaterThan(60);
  });

  it('rounds half to even and clips', () => {
    const { program } = fusedPyramid({
      levels: pyramid().slice(0, 1),
      transform,
      whitening: {
        shape: [1, 1, 1, 3],
        mean: new Float32Array(3),
        scale: new Float32Array(3).fill(1),
      },
    });
    const z = tf.tensor2d([[0.5, 1.5, 2.5, 254.5, 255.5, 256, -0.5, -3, 99.49, 1, 2, 3]]);
    const { image } = program.run({ 'level-2.gain': tf.scalar(1) }, { z }).outputs;
    const back = tf.transpose(image ?? tf.scalar(0), [0, 2, 3, 1]);
    expect(values(back)).toEqual([0, 2, 2, 254, 255, 255, 0, 0, 99, 1, 2, 3]);
  });

  it('hands the condition to every level', () => {
    const names = ['cat', 'dog', 'ship'];
    const plain = {
      shape: [1, 1, 1, 3],
      mean: new Float32Array(3),
      scale: Float32Array.of(10, 10, 10),
    } as const;
    const z = tf.zeros([2, 12]);
    const classes = fusedPyramid({
      levels: pyramid({ kind: 'classes', names }).slice(0, 1),
      transform,
      whitening: plain,
    }).program;
    expect(classes.inputs['class']).toEqual({ dtype: 'int32', shape: [null] });
    const byClass = classes.run(state, { z, class: tf.tensor1d([2, 0], 'int32') }).outputs['image'];
    expect(values(byClass)).toEqual([...Array(12).fill(20), ...Array(12).fill(0)]);

    const text = fusedPyramid({
      levels: pyramid({ kind: 'embedding', width: 2 }).slice(0, 1),
      transform,
      whitening: plain,
    }).program;
    expect(text.inputs['embedding']).toEqual({ dtype: 'float32', shape: [null, 2] });
    const embedding = tf.tensor2d([
      [5, 1.5],
      [5, 0.5],
    ]);
    const byText = text.run(state, { z, embedding }).outputs['image'];
    expect(values(byText)).toEqual([...Array(12).fill(15), ...Array(12).fill(5)]);
  });

  it('makes uniform noise from normal noise to the last digits of float32', () => {
    const z = tf.linspace(-2.9, 2.9, 59);
    const noise = values(tf.erf(tf.mul(z, Math.SQRT1_2)));
    const exact = values(z).map(uniform);
    expect(Math.max(...noise.map((u, i) => Math.abs(u - (exact[i] ?? 0))))).toBeLessThan(3e-7);
  });

  it.each([
    ['no levels', { levels: [] }, 'LAPYRA_NN_OPTION'],
    ['levels in the wrong order', { levels: pyramid().reverse() }, 'LAPYRA_NN_OPTION'],
    [
      'a whitening of another size',
      { whitening: { ...whitening, shape: [1, 4, 4, 3] as const } },
      'LAPYRA_NN_OPTION',
    ],
    [
      'a whitening of other channels',
      { whitening: { ...whitening, shape: [1, 1, 1, 1] as const } },
      'LAPYRA_NN_OPTION',
    ],
    [
      'a level that runs on the host',
      {
        levels: pyramid().map((level): Level => ({
          ...level,
          sampler: hostSampler(() => Promise.reject(new Error('not called'))),
        })),
      },
      'LAPYRA_LEVEL_HOST',
    ],
  ])('refuses %s', (_name, part, code) => {
    expect(() => fusedPyramid({ levels: pyramid(), transform, whitening, ...part })).toThrow(
      expect.objectContaining({ code }),
    );
  });
});
