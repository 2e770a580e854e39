import { describe, expect, it } from 'vitest';
import {
  hostSampler,
  imageBatch,
  type Level,
  type LevelPlace,
  plainViews,
  plane,
  type StepProgram,
  type StepTraining,
  type Tensors,
  whiten,
} from '@lapyra/core';
import { composeStep } from '@lapyra/training';
import { toyPlace, toySizes, toyWhitening } from './toy-data.js';
import { float, type Tensor, toTensor, toValue, toyTransform } from './toy-engine.js';

const classes: LevelPlace = { ...toyPlace, condition: { kind: 'classes', names: ['a', 'b', 'c'] } };

const base: StepProgram = {
  name: 'd',
  draws: { real: { count: 2, of: ['band', 'coarse', 'condition'] } },
  noise: { z: 3 },
  random: { mask: { shape: [4, 2], distribution: { keep: 0.5 } } },
  scalars: ['rate'],
  reads: ['w'],
  writes: ['w'],
  outputs: ['loss', 'finite'],
  run: (state) => ({ state, outputs: { loss: float([], [0]), finite: float([], [1]) } }),
};

const training: StepTraining = {
  kind: 'steps',
  state: { w: { shape: [1], role: 'weight', initial: { fill: 0 } } },
  programs: [],
  scalars: { rate: { at: () => 0.1 } },
  samplerState: {},
};

function level(place: LevelPlace): Level {
  return {
    place,
    noise: { plane: plane(place.size) },
    output: 'band',
    sampler: hostSampler(() => Promise.reject(new Error('not here'))),
    training,
  };
}

const compose = (
  changes: Partial<StepProgram> = {},
  place = classes,
  state: Partial<StepTraining> = {},
  index = 1,
): ReturnType<typeof composeStep> =>
  composeStep(
    { ...base, ...changes },
    { ...training, ...state },
    { level: level(place), transform: toyTransform.tensor, sizes: toySizes, index },
  );

describe('composeStep', () => {
  it('declares pixels of full-size crops, conditions, noise, masks and scalars', () => {
    const program = compose();
    expect(program.name).toBe('5.d');
    expect(program.reads).toEqual(['w', 'whitening.mean', 'whitening.scale']);
    expect(program.writes).toEqual(['w']);
    expect(program.outputs).toEqual({ loss: 'float32', finite: 'float32' });
    expect(program.inputs).toEqual({
      'real.pixels': { dtype: 'uint8', shape: [2, 5, 5, 3] },
      'real.condition': { dtype: 'float32', shape: [2, 3] },
      'z.plane': { dtype: 'float32', shape: [3, 5, 5, 1] },
      mask: { dtype: 'float32', shape: [4, 2] },
      rate: { dtype: 'float32', shape: [] },
    });
  });

  it('declares the crop of the finest size at a coarse level', () => {
    const first = { ...classes, size: [2, 2], coarse: null } as const;
    const draws = { real: { count: 2, of: ['image'] } } as const;
    expect(compose({ draws }, first, {}, 0).inputs['real.pixels']?.shape).toEqual([2, 5, 5, 3]);
  });

  it('wants no pixels and no whitening for a draw of conditions', () => {
    const program = compose({ draws: { wrong: { count: 2, of: ['condition'] } } });
    expect(program.reads).toEqual(['w']);
    expect(Object.keys(program.inputs)).not.toContain('wrong.pixels');
  });

  it('gives the program its state and exactly the wanted views, as the plain code makes them', () => {
    let seen: { state: Tensors; inputs: Tensors } | undefined;
    const program = compose({
      run: (state, inputs, resample) => {
        seen = { state, inputs };
        return base.run(state, inputs, resample);
      },
    });
    const pixels = Uint8Array.from({ length: 150 }, (_, i) => (i * 37) % 256);
    const condition = float([2, 3], [1, 0, 0, 0, 0, 1]);
    const weight = float([1], [5]);
    program.run(
      {
        w: weight,
        'whitening.mean': float([1, 1, 1, 3], toyWhitening.mean),
        'whitening.scale': float([1, 1, 1, 3], toyWhitening.scale),
      },
      {
        'real.pixels': toTensor({ dtype: 'uint8', shape: [2, 5, 5, 3], data: pixels }),
        'real.condition': condition,
        'z.plane': float([3, 5, 5, 1], new Float32Array(75)),
        mask: float([4, 2], new Float32Array(8)),
        rate: float([], [0.1]),
      },
    );
    expect(seen?.state).toEqual({ w: weight });
    expect(Object.keys(seen?.inputs ?? {}).toSorted()).toEqual([
      'mask',
      'rate',
      'real.band',
      'real.coarse',
      'real.condition',
      'z.plane',
    ]);
    expect(seen?.inputs['real.condition']).toBe(condition);
    const image = whiten(pixels, [2, 5, 5, 3], toyWhitening);
    const plain = plainViews(toyTransform.plain, image, toySizes, 1);
    expect(toValue(seen?.inputs['real.band'])).toMatchObject({ ...plain.band });
    expect(toValue(seen?.inputs['real.coarse'])).toMatchObject({ ...plain.coarse });
    expect(imageBatch([2, 2, 2, 3], plain.coarse?.data)).toEqual(plain.coarse);
  });

  const first: LevelPlace = { ...toyPlace, size: [2, 2], coarse: null };
  it.each<[string, Partial<StepProgram>, string, LevelPlace?]>([
    [
      'an unknown tensor to read',
      { reads: ['v'] },
      "to read only what the training declares (w), got 'v'",
    ],
    [
      'an unknown tensor to write',
      { writes: ['v'] },
      "to write only what the training declares (w), got 'v'",
    ],
    [
      'an unknown scalar',
      { scalars: ['beta'] },
      "to take the scalar only what the training declares (rate), got 'beta'",
    ],
    [
      'no finite',
      { outputs: ['loss'] },
      "an output 'finite' that tells whether the step counted, got loss",
    ],
    [
      'a draw of nothing',
      { draws: { real: { count: 0, of: ['band'] } } },
      "draw 'real' of a whole number of images, got 0",
    ],
    [
      'noise of half an image',
      { noise: { z: 1.5 } },
      "noise 'z' of a whole number of images, got 1.5",
    ],
    ['a condition where there is none', {}, "got 'real.condition'", toyPlace],
    [
      'a band at the first level',
      { draws: { real: { count: 2, of: ['band'] } } },
      "got 'real.band'",
      first,
    ],
    [
      'two inputs of one name',
      { random: { 'real.band': { shape: [1], distribution: 'normal' } } },
      "inputs with names of their own, got 'real.band' twice",
    ],
    [
      'a draw named like noise',
      { noise: { real: 2 }, random: { 'real.plane': { shape: [1], distribution: 'normal' } } },
      "got 'real.plane' twice",
    ],
    [
      'an input named like state',
      { random: { w: { shape: [1], distribution: 'normal' } } },
      "got 'w' twice",
    ],
    [
      'unlike nothing',
      { draws: { wrong: { count: 2, of: ['condition'], unlike: 'real' } } },
      "draw 'wrong' unlike a plain draw of 2 images, got 'real', which is none",
    ],
    [
      'unlike another count',
      { draws: { ...base.draws, wrong: { count: 3, of: ['condition'], unlike: 'real' } } },
      "got 'real' of 2",
    ],
    [
      'unlike what nobody is told',
      {
        draws: {
          real: { count: 2, of: ['image'] },
          wrong: { count: 2, of: ['image'], unlike: 'real' },
        },
      },
      "draw 'wrong' unlike 'real' in a pyramid conditioned on two or more classes, or on captions, got none.",
      toyPlace,
    ],
  ])('refuses %s, naming level and program', (_, changes, message, place) => {
    expect(() => compose(changes, place ?? classes)).toThrow(message);
    expect(() => compose(changes, place ?? classes)).toThrow(/^level \d, program 'd': expected/);
  });

  it('takes the vectors of unlike captions where there are no classes', () => {
    const { inputs } = compose(
      {
        draws: {
          real: { count: 2, of: ['band', 'condition'] },
          wrong: { count: 2, of: ['condition'], unlike: 'real' },
        },
      },
      { ...toyPlace, condition: { kind: 'embedding', width: 7 } },
    );
    expect(inputs['wrong.condition']).toEqual({ dtype: 'float32', shape: [2, 7] });
    expect(inputs).not.toHaveProperty('wrong.pixels');
  });

  it('refuses state under the names of the whitening', () => {
    const state = {
      'whitening.mean': { shape: [1], role: 'weight', initial: { fill: 0 } },
    } as const;
    expect(() => compose({ reads: [], writes: [] }, classes, { state })).toThrow(
      "got 'whitening.mean'",
    );
  });

  const trace = (run: (state: Tensors, inputs: Tensors) => unknown): unknown =>
    compose({ draws: {}, run: run as StepProgram['run'] }).run({ w: float([1], [0]) }, {});

  it('refuses results other than declared, when traced', () => {
    const finite: Tensor = float([], [1]);
    expect(() => trace(() => ({ state: {}, outputs: { loss: finite, finite } }))).toThrow(
      "level 5, program 'd': expected new state as declared (w), got none.",
    );
    expect(() => trace((state) => ({ state, outputs: { finite } }))).toThrow(
      'expected outputs as declared (loss, finite), got finite.',
    );
  });

  it('names level and program when the program itself fails', () => {
    expect(() =>
      trace(() => {
        throw new TypeError('x.matMul is not a function');
      }),
    ).toThrow(
      expect.objectContaining({
        code: 'LAPYRA_LEVEL_PROGRAM',
        message: "level 5, program 'd': x.matMul is not a function",
        cause: expect.any(TypeError),
      }),
    );
  });
});
