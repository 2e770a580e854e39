// A step in parts: the same game of one-pixel images, the parts fed by hand to each program in the order of the step, on
// tfjs's own kernels. What it should come to is what one whole batch comes to, and is reckoned by hand besides.
import type { LevelPlace, Resample, StepTraining, Tensors } from '@lapyra/core';
import {
  type Adversaries,
  type AdversarialOptions,
  adversarialTraining,
  type Network,
  pixelTerm,
} from '@lapyra/gan';
import { batchNorm } from '@lapyra/nn';
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';

beforeAll(() => tf.setBackend('cpu'));

const [W, V] = [0.5, 0.8];
const RATE = 0.1;
const weight = { shape: [], role: 'weight', initial: { fill: 0 } } as const;
const column = (values: readonly number[]): tf.Tensor =>
  tf.tensor2d([...values], [values.length, 1]);
const pixels = (values: readonly number[]): tf.Tensor =>
  tf.tensor4d([...values], [values.length, 1, 1, 1]);

/** Draws w·z. */
const generator: Network = {
  state: { w: weight },
  masks: () => ({}),
  wants: [],
  apply: ({ w }, { z }) => tf.reshape(tf.mul(z!, w!), [-1, 1, 1, 1]),
};
/** The logit is v·pixel. */
const discriminator: Network = {
  state: { v: weight },
  masks: () => ({}),
  wants: [],
  apply: ({ v }, { image }) => tf.mul(tf.reshape(image!, [-1, 1]), v!),
};
const place: LevelPlace = {
  size: [1, 1],
  coarse: null,
  channels: 1,
  condition: { kind: 'none' },
  transform: 'box-bilinear',
  pixels: { mean: [0], scale: [1], exact: true },
};
const nets: Adversaries = {
  place,
  noise: { z: { distribution: 'uniform', shape: [1] } },
  output: 'image',
  generator,
  discriminator,
};
const options: AdversarialOptions = {
  batch: { real: 4, generated: 4, generator: 4 },
  loss: 'cross-entropy',
  optimiser: {
    kind: 'sgd',
    rate: RATE,
    momentum: 0,
    momentumRise: 0,
    momentumTo: 0,
    rateDivisor: 1,
  },
  average: 0,
};
const noResample: Resample = {
  downsample: () => expect.fail('nothing below'),
  upsample: () => expect.fail('nothing below'),
};

const REAL = [1, 2, 0.5, -1];
const JUDGED = [0.2, 0.4, -0.3, 0.9];
const LEARNING = [-0.6, 0.3, 0.8, 0.1];
const TRUTH = [0.7, -0.2, 0.4, 1.1];

type Batches = Record<
  'real.image' | 'judgedNoise.z' | 'learningNoise.z' | 'learning.image',
  readonly number[]
>;
const whole: Batches = {
  'real.image': REAL,
  'judgedNoise.z': JUDGED,
  'learningNoise.z': LEARNING,
  'learning.image': TRUTH,
};

/** Part `at` of `parts` of all batches. */
function partOf(batches: Batches, at: number, parts: number): Tensors {
  const given = Object.entries(batches).map(([name, values]) => {
    const size = values.length / parts;
    const own = values.slice(at * size, (at + 1) * size);
    return [name, name.endsWith('.image') ? pixels(own) : column(own)] as const;
  });
  return { ...Object.fromEntries(given), rate: tf.scalar(RATE), momentum: tf.scalar(0) };
}

const numbers = (tensors: Tensors): Record<string, number> =>
  Object.fromEntries(Object.entries(tensors).map(([name, x]) => [name, x.dataSync()[0]!]));

interface Stepped {
  readonly state: Record<string, number>;
  /** Of each program that ran. */
  readonly outputs: readonly Record<string, number>[];
}

/** One step of a training, its programs run in their order, each time on the next part. */
function step(
  training: StepTraining,
  batches: Batches = whole,
  from: Readonly<Record<string, number>> = {},
): Stepped {
  const known: Record<string, number> = { 'g.w': W, 'd.v': V, ...from };
  let state: Tensors = Object.fromEntries(
    Object.entries(training.state).map(([name, { shape, initial }]) => [
      name,
      tf.fill([...shape], known[name] ?? ('fill' in initial ? initial.fill : 0)),
    ]),
  );
  const order =
    training.order?.({ step: 0, steps: 10, images: 100 }) ??
    training.programs.map(({ name }) => name);
  const times = new Map<string, number>();
  const outputs: Record<string, number>[] = [];
  for (const name of order) {
    const program = training.programs.find((one) => one.name === name)!;
    const at = times.get(name) ?? 0;
    times.set(name, at + 1);
    const parts = order.filter((one) => one === name).length;
    const result = program.run(state, partOf(batches, at, parts), noResample);
    expect(Object.keys(result.state).toSorted()).toEqual([...program.writes].toSorted());
    expect(Object.keys(result.outputs).toSorted()).toEqual([...program.outputs].toSorted());
    state = { ...state, ...result.state };
    outputs.push(numbers(result.outputs));
  }
  return { state: numbers(state), outputs };
}

const inParts = (microBatches: number, more: Partial<AdversarialOptions> = {}): StepTraining =>
  adversarialTraining(nets, { ...options, ...more, microBatches });
const sums = (state: Record<string, number>): Record<string, number> =>
  Object.fromEntries(
    Object.entries(state).filter(([name]) => /^(gradient|pending|sum|parts)\./.test(name)),
  );

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;
const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));
const softplus = (x: number): number => Math.log1p(Math.exp(x));
const fakes = JUDGED.map((z) => W * z);
const judgedReal = mean(REAL.map((x) => softplus(-V * x)));
const judgedFake = mean(fakes.map((x) => softplus(V * x)));
const newV =
  V -
  RATE *
    (mean(REAL.map((x) => -sigmoid(-V * x) * x)) / 2 +
      mean(fakes.map((x) => sigmoid(V * x) * x)) / 2);
const newW = (v: number): number =>
  W - RATE * mean(LEARNING.map((z) => -sigmoid(-v * W * z) * v * z));

describe('a step in parts', () => {
  it.each([2, 4])('of %i gives the weights that a whole batch gives, reckoned by hand', (parts) => {
    const { state, outputs } = step(inParts(parts));
    expect(state['d.v']).toBeCloseTo(newV, 6);
    expect(state['g.w']).toBeCloseTo(newW(newV), 6);
    expect(outputs.at(-1)).toEqual({
      d: expect.closeTo((judgedReal + judgedFake) / 2, 6) as number,
      g: expect.closeTo(mean(LEARNING.map((z) => softplus(-newV * W * z))), 6) as number,
      finite: 1,
    });
    const { state: once } = step(inParts(1));
    for (const [name, value] of Object.entries(once)) expect(state[name]).toBeCloseTo(value, 6);
  });

  it('runs each part, then one update; what was added up is cleared', () => {
    const training = inParts(3, { batch: { real: 3, generated: 6, generator: 9 } });
    expect(training.order!({ step: 7, steps: 10, images: 1 })).toEqual([
      ...['judge', 'judge', 'judge'],
      ...['learn', 'learn', 'learn'],
      'update',
    ]);
    const [judge, learn, update] = training.programs;
    expect(judge!.draws['real']).toEqual({ count: 1, of: ['image'] });
    expect([judge!.noise, learn!.noise, update!.noise]).toEqual([
      { judgedNoise: 2 },
      { learningNoise: 3 },
      {},
    ]);
    expect(judge!.writes).not.toContain('d.v');
    expect(learn!.writes).not.toContain('g.w');
    const cleared = sums(step(inParts(2)).state);
    expect(Object.keys(cleared).toSorted()).toEqual([
      'gradient.d.v',
      'gradient.g.w',
      'parts.d',
      'parts.g',
      'sum.d.d',
      'sum.g.g',
    ]);
    expect(new Set(Object.values(cleared))).toEqual(new Set([0]));
    for (const name of Object.keys(cleared))
      expect(training.state[name], name).toMatchObject({ role: 'optimiser' });
  });

  it.each<[string, keyof Batches, number]>([
    ['the first judging', 'real.image', 0],
    ['the last judging', 'judgedNoise.z', 3],
    ['the first learning', 'learningNoise.z', 1],
    ['the last learning', 'learningNoise.z', 2],
  ])('with a NaN in %s leaves all as it was, and nothing behind', (_, name, at) => {
    const batches = { ...whole, [name]: whole[name].with(at, NaN) };
    const { state, outputs } = step(inParts(2), batches);
    expect(state).toMatchObject({ 'd.v': Math.fround(V), 'g.w': W });
    expect(new Set(Object.values(sums(state)))).toEqual(new Set([0]));
    expect(outputs.filter(({ finite }) => finite === 0)).toHaveLength(2); // that part, and the update
    expect(outputs.at(-1)!['finite']).toBe(0);
    expect(Number.isFinite(outputs.at(-1)!['d'])).toBe(false); // recorded as missing
  });

  it('lets the margin rule go by the whole batch', () => {
    expect([judgedReal, judgedFake].map((value) => value.toFixed(2))).toEqual(['0.56', '0.76']);
    // By itself the second part (0.84 and 0.76) would not say that it is fooled.
    const first = step(inParts(2, { margin: { ahead: 0.1, lost: 10 } }));
    expect(first.outputs.at(-1)).toMatchObject({ dLearns: 1, gLearns: 0, finite: 1 });
    expect(first.state['d.v']).toBeCloseTo(newV, 6);
    expect(first.state['g.w']).toBe(W);

    // The first (0.28 and 0.75) would, and the second would say that the discriminator is lost.
    const second = step(inParts(2, { margin: { ahead: 0.4, lost: 0.7 } }));
    expect(second.outputs.at(-1)).toMatchObject({ dLearns: 0, gLearns: 1, finite: 1 });
    expect(second.state['d.v']).toBeCloseTo(V, 6);
    expect(second.state['g.w']).toBeCloseTo(newW(V), 6); // against the old discriminator
  });

  it('goes on with the optimiser, the average and the terms of a whole batch', () => {
    const more: Partial<AdversarialOptions> = {
      optimiser: { kind: 'adam', rate: 0.01, beta1: 0.5, beta2: 0.9, decayFrom: 0, decayTo: 1 },
      average: 0.9,
      terms: [pixelTerm('image', 3)],
      apart: true,
    };
    const parts = step(inParts(2, more));
    const once = step(inParts(1, more));
    expect(once.outputs[0]!['pixel']).toBeCloseTo(
      mean(LEARNING.map((z, at) => (W * z - TRUTH[at]!) ** 2)),
      5,
    );
    for (const [name, value] of Object.entries(once.outputs[0]!))
      expect(parts.outputs.at(-1)![name], name).toBeCloseTo(value, 5);
    expect(Object.keys(once.state)).toContain('average.g.w');
    for (const [name, value] of Object.entries(once.state))
      expect(parts.state[name], name).toBeCloseTo(value, 5);
  });

  it('learns without an opponent in parts, too', () => {
    const more: Partial<AdversarialOptions> = { terms: [pixelTerm('image', 1)], pretraining: 0.5 };
    const training = inParts(2, more);
    const at = (now: number): readonly string[] =>
      training.order!({ step: now, steps: 10, images: 1 });
    expect(at(4)).toEqual(['alone', 'alone', 'updateAlone']);
    expect(at(5)).toEqual(['judge', 'judge', 'learn', 'learn', 'update']);
    const learnt = W - RATE * mean(LEARNING.map((z, i) => 2 * (W * z - TRUTH[i]!) * z));
    const { state, outputs } = step(training);
    expect(state).toMatchObject({
      'g.w': expect.closeTo(learnt, 6) as number,
      'd.v': Math.fround(V),
    });
    expect(outputs.at(-1)!['finite']).toBe(1);
    expect(new Set(Object.values(sums(state)))).toEqual(new Set([0]));

    const spoilt = step(training, { ...whole, 'learning.image': TRUTH.with(0, Infinity) });
    expect(spoilt.state['g.w']).toBe(W);
    expect(spoilt.outputs.map(({ finite }) => finite)).toEqual([0, 1, 0]);
    expect(new Set(Object.values(sums(spoilt.state)))).toEqual(new Set([0]));

    const only = adversarialTraining(
      { ...nets, discriminator: null },
      {
        ...options,
        ...more,
        pretraining: 0,
        batch: { ...options.batch, real: 3 },
        microBatches: 2,
      },
    );
    expect(only.programs.map(({ name }) => name)).toEqual(['alone', 'updateAlone']);
    expect(step(only).state['g.w']).toBeCloseTo(learnt, 6);
  });
});

describe('batch norm of a step in parts', () => {
  const norm = batchNorm({ channels: 1, affine: false });
  const normed: Adversaries = {
    ...nets,
    discriminator: {
      ...discriminator,
      state: { v: weight, ...norm.state },
      apply: ({ v, ...state }, { image }, context) =>
        tf.mul(norm.apply(state, tf.reshape(image!, [-1, 1]), context), v!),
    },
  };
  const training = adversarialTraining(normed, { ...options, apart: true, microBatches: 2 });

  it('takes the statistics of each part, one after the other', () => {
    const { state } = step(training);
    // A tenth of 1.5, the mean of 1 and 2; then nine tenths of that and a tenth of −0.25.
    expect(state['d.mean']).toBeCloseTo(0.9 * 0.15 - 0.025, 6);
  });

  it('keeps the old ones if a later part is not finite', () => {
    const { state } = step(
      training,
      { ...whole, 'learningNoise.z': LEARNING.with(3, NaN) },
      {
        'd.mean': 5,
        'd.variance': 2,
      },
    );
    expect(state).toMatchObject({ 'd.mean': 5, 'd.variance': 2, 'd.v': Math.fround(V) });
    expect(new Set(Object.values(sums(state)))).toEqual(new Set([0]));
  });
});

describe('parts that do not come out even', () => {
  it.each<[string, Partial<AdversarialOptions>, string]>([
    [
      'half of a part',
      { microBatches: 1.5 },
      'expected microBatches to be a whole number of at least 1, got 1.5.',
    ],
    [
      'no part',
      { microBatches: 0 },
      'expected microBatches to be a whole number of at least 1, got 0.',
    ],
    [
      'real images',
      { microBatches: 4, batch: { real: 6, generated: 4, generator: 4 } },
      'expected microBatches that divide batch.real, 6 images, into equal parts, got 4.',
    ],
    [
      'generated images',
      { microBatches: 4, batch: { real: 4, generated: 5, generator: 4 } },
      'expected microBatches that divide batch.generated, 5 images, into equal parts, got 4.',
    ],
    [
      "the generator's images",
      { microBatches: 4, batch: { real: 4, generated: 4, generator: 2 } },
      'expected microBatches that divide batch.generator, 2 images, into equal parts, got 4.',
    ],
  ])('are refused: %s', (_, more, message) => {
    expect(() => adversarialTraining(nets, { ...options, ...more })).toThrow(
      expect.objectContaining({
        code: 'LAPYRA_GAN_OPTION',
        message: `adversarial training: ${message}`,
      }) as Error,
    );
  });

  it('are refused of interpolated conditions, with a way out', () => {
    const told: Adversaries = { ...nets, generator: { ...generator, wants: ['condition'] } };
    const interpolation = { count: 3, share: 0.5, weight: 1 };
    expect(() => adversarialTraining(told, { ...options, interpolation, microBatches: 2 })).toThrow(
      expect.objectContaining({
        message:
          'adversarial training: expected microBatches that divide interpolation.count, 3 images, into equal parts, got 2.',
        hint: 'Choose a divisor of batch.real, batch.generated, batch.generator, interpolation.count, or change these.',
      }) as Error,
    );
  });
});
