import { hostSampler, type Level, type StepProgram, type StepTraining } from '@lapyra/core';
import { describe, expect, it } from 'vitest';
import { stepInputs, stepTensorProgram } from './step-inputs.js';
import type { TrueViews } from './true-views.js';

const program: StepProgram = {
  name: 'step',
  draws: {
    // Named before the draw that it depends on.
    wrong: { count: 40, of: ['condition'], unlike: 'real' },
    real: { count: 40, of: ['image', 'coarse', 'condition'] },
  },
  noise: { drawn: 3 },
  random: { mask: { shape: [2, 50], distribution: { keep: 0.5 } } },
  scalars: ['rate'],
  reads: [],
  writes: [],
  outputs: ['finite'],
  run: () => ({ state: {}, outputs: {} }),
};

const level: Level = {
  place: {
    size: [2, 3],
    coarse: [1, 2],
    channels: 1,
    condition: { kind: 'classes', names: ['a', 'b', 'c'] },
    transform: 'box-bilinear',
    pixels: { mean: [127.5, 127.5, 127.5], scale: [64, 64, 64], exact: false },
  },
  noise: { z: { distribution: 'uniform', shape: [5] } },
  output: 'image',
  sampler: hostSampler(() => Promise.reject(new Error('not asked for'))),
  training: null,
};

const training = {
  scalars: { rate: { at: ({ step, steps }) => step / steps } },
} as Partial<StepTraining> as StepTraining;

/** Each part of a picture is its number. */
const views: TrueViews = {
  count: 30,
  classes: Uint8Array.from({ length: 30 }, (_, image) => image % 3),
  part: (_, indices) => ({
    dtype: 'float32',
    shape: [indices.length],
    data: Float32Array.from(indices),
  }),
  read: async () => ({}),
};

function inputsAt(step: number, seed = 1): ReturnType<typeof stepInputs> {
  const clock = { step, steps: 10, images: 30 };
  return stepInputs(program, { level, training, views, seed, clock, key: [step] });
}

const nothing = (): never => {
  throw new Error('not asked for');
};
const resample = { downsample: nothing, upsample: nothing };

describe('stepTensorProgram', () => {
  it('has one float32 input for each part, noise, random input and scalar', () => {
    const { inputs, outputs } = stepTensorProgram(program, level, resample);
    expect(inputs).toEqual({
      'wrong.condition': { dtype: 'float32', shape: [40, 3] },
      'real.image': { dtype: 'float32', shape: [40, 2, 3, 1] },
      'real.coarse': { dtype: 'float32', shape: [40, 1, 2, 1] },
      'real.condition': { dtype: 'float32', shape: [40, 3] },
      'drawn.z': { dtype: 'float32', shape: [3, 5] },
      mask: { dtype: 'float32', shape: [2, 50] },
      rate: { dtype: 'float32', shape: [] },
    });
    expect(outputs).toEqual({ finite: 'float32' });
  });
});

describe('stepInputs', () => {
  it('gives what the program takes', () => {
    const names = Object.keys(stepTensorProgram(program, level, resample).inputs).toSorted();
    expect(Object.keys(inputsAt(3)).toSorted()).toEqual(names);
  });

  it('gives all parts of a draw of the same pictures', () => {
    const { 'real.image': image, 'real.coarse': coarse } = inputsAt(0);
    expect(coarse).toEqual(image);
    expect(new Set(image!.data).size).toBeGreaterThan(5);
  });

  it('draws pictures of other classes where they must be unlike', () => {
    const { 'real.condition': real, 'wrong.condition': wrong } = inputsAt(0);
    real!.data.forEach((image, at) => expect(wrong!.data[at]! % 3).not.toBe(image % 3));
  });

  it('fills masks and scalars', () => {
    const { mask, rate } = inputsAt(4);
    expect(new Set(mask!.data)).toEqual(new Set([0, 2]));
    expect(rate!.data[0]).toBeCloseTo(0.4, 6);
  });

  it('is fixed by seed and step', () => {
    expect(inputsAt(2)).toEqual(inputsAt(2));
    expect(inputsAt(2)['drawn.z']).not.toEqual(inputsAt(3)['drawn.z']);
    expect(inputsAt(2)['drawn.z']).not.toEqual(inputsAt(2, 5)['drawn.z']);
  });
});
