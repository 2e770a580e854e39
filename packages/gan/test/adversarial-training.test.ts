// A game small enough to be reckoned by hand: images of one pixel, a generator w·z + c·condition, and a discriminator whose
// logit is v·pixel + u·condition, on tfjs's own kernels.
import type { LevelPlace, Resample, StepTraining, Tensors } from '@lapyra/core';
import {
  type Adversaries,
  type AdversarialOptions,
  adversarialTraining,
  type Network,
  pixelTerm,
} from '@lapyra/gan';
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';

const [W, C, V, U] = [0.5, -0.25, 0.8, 0.3];
const RATE = 0.1;

const weight = { shape: [], role: 'weight', initial: { fill: 0 } } as const;
const scalarOf = (image: tf.Tensor): tf.Tensor => tf.reshape(image, [-1, 1]);

const generator: Network = {
  state: { w: weight, c: weight },
  masks: () => ({}),
  wants: ['condition'],
  apply: ({ w, c }, { z, condition }) =>
    tf.reshape(tf.add(tf.mul(z!, w!), tf.mul(condition!, c!)), [-1, 1, 1, 1]),
};
const discriminator: Network = {
  state: { v: weight, u: weight },
  masks: () => ({}),
  wants: ['condition'],
  apply: ({ v, u }, { image, condition }) =>
    tf.add(tf.mul(scalarOf(image!), v!), tf.mul(condition!, u!)),
};
const place: LevelPlace = {
  size: [1, 1],
  coarse: null,
  channels: 1,
  condition: { kind: 'embedding', width: 1 },
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
  batch: { real: 2, generated: 2, generator: 2 },
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

/** The place has no image below. */
const noResample: Resample = {
  downsample: () => {
    throw new Error('nothing below');
  },
  upsample: () => {
    throw new Error('nothing below');
  },
};

const column = (...values: number[]): tf.Tensor => tf.tensor2d(values, [values.length, 1]);
const pixels = (...values: number[]): tf.Tensor => tf.tensor4d(values, [values.length, 1, 1, 1]);

const REAL = [1, 2];
const REAL_CONDITION = [0.5, -0.5];
const OTHERS = [1, -1];
const JUDGED_NOISE = [0.2, 0.4];
const LEARNING = [0.25, 0.75];
const LEARNING_NOISE = [-0.6, 0.3];

function givenInputs(): Record<string, tf.Tensor> {
  return {
    'real.image': pixels(...REAL),
    'real.condition': column(...REAL_CONDITION),
    'others.condition': column(...OTHERS),
    'judgedNoise.z': column(...JUDGED_NOISE),
    'learning.condition': column(...LEARNING),
    'learningNoise.z': column(...LEARNING_NOISE),
    rate: tf.scalar(RATE),
    momentum: tf.scalar(0),
  };
}

function stateOf(training: StepTraining): Tensors {
  const known: Record<string, number> = { 'g.w': W, 'g.c': C, 'd.v': V, 'd.u': U };
  return Object.fromEntries(
    Object.entries(training.state).map(([name, { shape }]) => [
      name,
      tf.fill([...shape], known[name] ?? 0),
    ]),
  );
}

/** One program of a training, run: outputs and new state as numbers. */
function run(
  training: StepTraining,
  inputs: Tensors,
  name = 'step',
): { outputs: Record<string, number>; state: Record<string, number> } {
  const program = training.programs.find((one) => one.name === name)!;
  const result = program.run(stateOf(training), inputs, noResample);
  const numbers = (tensors: Tensors): Record<string, number> =>
    Object.fromEntries(Object.entries(tensors).map(([key, x]) => [key, x.dataSync()[0]!]));
  return { outputs: numbers(result.outputs), state: numbers(result.state) };
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;
const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));
const softplus = (x: number): number => Math.log1p(Math.exp(x));
const drawn = (z: readonly number[], condition: readonly number[]): number[] =>
  z.map((value, at) => W * value + C * condition[at]!);
const logits = (x: readonly number[], condition: readonly number[], v = V, u = U): number[] =>
  x.map((value, at) => v * value + u * condition[at]!);

/** The discriminator's weights after its step of plain gradient descent, from the derivatives of its logits. */
function stepped(
  cases: readonly { x: readonly number[]; c: readonly number[]; slope: (y: number) => number }[],
): { v: number; u: number } {
  let [dv, du] = [0, 0];
  for (const { x, c, slope } of cases)
    logits(x, c).forEach((y, at) => {
      dv += slope(y) * x[at]!;
      du += slope(y) * c[at]!;
    });
  return { v: V - RATE * dv, u: U - RATE * du };
}

beforeAll(async () => {
  await tf.setBackend('cpu');
});

describe('a step of the game', () => {
  it('is that of cross-entropy, reckoned by hand: the generator meets the new discriminator', () => {
    const fakes = drawn(JUDGED_NOISE, OTHERS);
    const { outputs, state } = run(adversarialTraining(nets, options), givenInputs());
    const d =
      mean(logits(REAL, REAL_CONDITION).map((y) => softplus(-y))) / 2 +
      mean(logits(fakes, OTHERS).map(softplus)) / 2;
    expect(outputs['d']).toBeCloseTo(d, 5);

    const { v, u } = stepped([
      { x: REAL, c: REAL_CONDITION, slope: (y) => -sigmoid(-y) / 4 },
      { x: fakes, c: OTHERS, slope: (y) => sigmoid(y) / 4 },
    ]);
    expect(state['d.v']).toBeCloseTo(v, 5);
    expect(state['d.u']).toBeCloseTo(u, 5);

    const learning = logits(drawn(LEARNING_NOISE, LEARNING), LEARNING, v, u);
    expect(outputs['g']).toBeCloseTo(mean(learning.map((y) => softplus(-y))), 5);
    const slope = learning.map((y) => (-sigmoid(-y) / 2) * v);
    const dw = slope.reduce((sum, value, at) => sum + value * LEARNING_NOISE[at]!, 0);
    const dc = slope.reduce((sum, value, at) => sum + value * LEARNING[at]!, 0);
    expect(state['g.w']).toBeCloseTo(W - RATE * dw, 5);
    expect(state['g.c']).toBeCloseTo(C - RATE * dc, 5);
    expect(outputs['finite']).toBe(1);
  });

  it('lets one network learn, or both, by a margin: reckoned by hand', () => {
    const fakes = drawn(JUDGED_NOISE, OTHERS);
    const real = mean(logits(REAL, REAL_CONDITION).map((y) => softplus(-y)));
    const fake = mean(logits(fakes, OTHERS).map(softplus));
    expect([real, fake].map((value) => value.toFixed(2))).toEqual(['0.27', '0.76']);
    const game = (ahead: number, lost: number): ReturnType<typeof run> =>
      run(adversarialTraining(nets, { ...options, margin: { ahead, lost } }), givenInputs());
    const next = stepped([
      { x: REAL, c: REAL_CONDITION, slope: (y) => -sigmoid(-y) / 4 },
      { x: fakes, c: OTHERS, slope: (y) => sigmoid(y) / 4 },
    ]);
    /** The generator's weight after learning against a discriminator. */
    const taught = ({ v, u }: { v: number; u: number }): number => {
      const seen = logits(drawn(LEARNING_NOISE, LEARNING), LEARNING, v, u);
      const slope = seen.map((y) => (-sigmoid(-y) / 2) * v);
      return W - RATE * slope.reduce((sum, one, at) => sum + one * LEARNING_NOISE[at]!, 0);
    };

    const judge = game(0.3, 0.7); // 0.76 > 0.27 + 0.3
    expect(judge.outputs).toMatchObject({ dLearns: 1, gLearns: 0, finite: 1 });
    expect(judge.state['d.v']).toBeCloseTo(next.v, 5);
    expect(judge.state['g.w']).toBe(W);

    const draw = game(0.6, 0.7);
    expect(draw.outputs).toMatchObject({ dLearns: 0, gLearns: 1, finite: 1 });
    expect(draw.state['d.v']).toBeCloseTo(V, 6);
    expect(draw.state['g.w']).toBeCloseTo(taught({ v: V, u: U }), 5); // by the old discriminator

    const both = game(0.6, 0.2); // 0.27 > 0.2
    expect(both.outputs).toMatchObject({ dLearns: 1, gLearns: 1, finite: 1 });
    expect(both.state['d.v']).toBeCloseTo(next.v, 5);
    expect(both.state['g.w']).toBeCloseTo(taught(next), 5);
  });

  it('weighs real and generated images by their number', () => {
    const more = { ...options, batch: { real: 2, generated: 1, generator: 2 } };
    const inputs = {
      ...givenInputs(),
      'others.condition': column(1),
      'judgedNoise.z': column(0.2),
    };
    const real = mean(logits(REAL, REAL_CONDITION).map((y) => softplus(-y)));
    const fake = softplus(logits(drawn([0.2], [1]), [1])[0]!);
    expect(run(adversarialTraining(nets, more), inputs).outputs['d']).toBeCloseTo(
      (2 * real + fake) / 3,
      5,
    );
  });

  it('is that of hinges, and of least squares', () => {
    const real = logits(REAL, REAL_CONDITION);
    const fake = logits(drawn(JUDGED_NOISE, OTHERS), OTHERS);
    const d = (loss: AdversarialOptions['loss']): number =>
      run(adversarialTraining(nets, { ...options, loss }), givenInputs()).outputs['d']!;
    const hinge = (y: number): number => Math.max(0, y);
    expect(d('hinge')).toBeCloseTo(
      mean(real.map((y) => hinge(1 - y))) / 2 + mean(fake.map((y) => hinge(1 + y))) / 2,
      5,
    );
    expect(d('least-squares')).toBeCloseTo(
      mean(real.map((y) => (y - 1) ** 2)) / 2 + mean(fake.map((y) => y ** 2)) / 2,
      5,
    );
  });

  it('shows real images with the condition of others, which count as false', () => {
    const training = adversarialTraining(nets, { ...options, wrongPairs: 0.25 });
    expect(training.programs[0]!.draws['wrong']).toEqual({
      count: 2,
      of: ['condition'],
      unlike: 'real',
    });
    const wrong = [2, 3];
    const { outputs } = run(training, { ...givenInputs(), 'wrong.condition': column(...wrong) });
    const real = mean(logits(REAL, REAL_CONDITION).map((y) => softplus(-y)));
    const fake = mean(logits(drawn(JUDGED_NOISE, OTHERS), OTHERS).map(softplus));
    const mismatch = mean(logits(REAL, wrong).map(softplus));
    expect(outputs['d']).toBeCloseTo(real / 2 + (0.75 * fake + 0.25 * mismatch) / 2, 5);
  });

  it('teaches the generator conditions between those of two images', () => {
    const interpolation = { count: 1, share: 0.25, weight: 2 };
    const training = adversarialTraining(nets, { ...options, interpolation });
    expect(training.programs[0]!.noise).toEqual({ judgedNoise: 2, learningNoise: 3 });
    const noise = [...LEARNING_NOISE, 0.9];
    const { outputs, state } = run(training, {
      ...givenInputs(),
      'learningNoise.z': column(...noise),
      'from.condition': column(4),
      'to.condition': column(-2),
    });
    const { v, u } = stepped([
      { x: REAL, c: REAL_CONDITION, slope: (y) => -sigmoid(-y) / 4 },
      { x: drawn(JUDGED_NOISE, OTHERS), c: OTHERS, slope: (y) => sigmoid(y) / 4 },
    ]);
    const between = 0.25 * 4 + 0.75 * -2;
    const conditions = [...LEARNING, between];
    const ys = logits(drawn(noise, conditions), conditions, v, u);
    // Recorded is the loss of the true conditions alone; the gradient is of both.
    expect(outputs['g']).toBeCloseTo(mean(ys.slice(0, 2).map((y) => softplus(-y))), 5);
    const slopes = ys.map((y, at) => -sigmoid(-y) * v * (at < 2 ? 1 / 2 : 2));
    const dw = slopes.reduce((sum, slope, at) => sum + slope * noise[at]!, 0);
    expect(state['g.w']).toBeCloseTo(W - RATE * dw, 5);
  });

  it('changes what the discriminator sees, of all images alike, and lets the gradient through', () => {
    const augmentation: AdversarialOptions['augmentation'] = {
      random: (batch) => ({ gain: { shape: [batch, 1, 1, 1], distribution: 'uniform' } }),
      apply: (images, { gain }) => tf.mul(images, gain!),
    };
    const training = adversarialTraining(nets, { ...options, augmentation });
    expect(Object.keys(training.programs[0]!.random)).toEqual([
      'judgingChange.gain',
      'foolingChange.gain',
    ]);
    const gains = [2, 3, 4, 5];
    const { outputs, state } = run(training, {
      ...givenInputs(),
      'judgingChange.gain': pixels(...gains),
      'foolingChange.gain': pixels(0, 0),
    });
    const real = logits(
      REAL.map((x, at) => x * gains[at]!),
      REAL_CONDITION,
    );
    const fake = logits(
      drawn(JUDGED_NOISE, OTHERS).map((x, at) => x * gains[at + 2]!),
      OTHERS,
    );
    expect(outputs['d']).toBeCloseTo(
      mean(real.map((y) => softplus(-y))) / 2 + mean(fake.map(softplus)) / 2,
      5,
    );
    expect(state['g.w']).toBeCloseTo(W, 6); // nothing of its images was seen
  });
});

describe('terms of the generator', () => {
  const toTruth = {
    name: 'pixel',
    weight: 10,
    truth: ['image'],
    loss: ({ image }: { image: tf.Tensor }, { image: truth }: Tensors) =>
      tf.mean(tf.squaredDifference(image, truth!)),
  } as const;
  const withTruth = (): Tensors => ({ ...givenInputs(), 'learning.image': pixels(3, -3) });
  const images = drawn(LEARNING_NOISE, LEARNING);
  const error = mean([(images[0]! - 3) ** 2, (images[1]! + 3) ** 2]);

  it('are drawn for, recorded as they are, and weighed in the gradient', () => {
    const training = adversarialTraining(nets, { ...options, terms: [toTruth] });
    const [step] = training.programs;
    expect(step!.draws['learning']).toEqual({ count: 2, of: ['condition', 'image'] });
    expect(step!.outputs).toEqual(['d', 'g', 'pixel', 'finite']);
    const { outputs, state } = run(training, withTruth());
    expect(outputs['pixel']).toBeCloseTo(error, 5);
    const plain = run(adversarialTraining(nets, options), givenInputs());
    expect(outputs['g']).toBeCloseTo(plain.outputs['g']!, 6);
    const dw = [3, -3].reduce(
      (sum, truth, at) => sum + 10 * (images[at]! - truth) * LEARNING_NOISE[at]!,
      0,
    );
    expect(state['g.w']! - plain.state['g.w']!).toBeCloseTo(-RATE * dw, 4);
  });

  it('may have frozen tensors of their own, which no program writes', () => {
    const scaled = {
      ...toTruth,
      name: 'content',
      state: { scale: { shape: [], role: 'frozen', initial: { fill: 3 } } },
      loss: ({ image }: { image: tf.Tensor }, _: Tensors, { scale }: Tensors) =>
        tf.mean(tf.mul(image, scale!)),
    } as const;
    const training = adversarialTraining(nets, { ...options, terms: [scaled] });
    expect(training.state['content.scale']).toMatchObject({ role: 'frozen' });
    const [step] = training.programs;
    expect(step!.reads).toContain('content.scale');
    expect(step!.writes).not.toContain('content.scale');
    const inputs = withTruth();
    const state = { ...stateOf(training), 'content.scale': tf.scalar(3) };
    const { outputs } = step!.run(state, inputs, noResample);
    expect(outputs['content']!.dataSync()[0]).toBeCloseTo(3 * mean(images), 5);
  });

  it('teach the generator alone at first, if there is a pre-training', () => {
    const training = adversarialTraining(nets, { ...options, terms: [toTruth], pretraining: 0.5 });
    const at = (step: number): readonly string[] => training.order!({ step, steps: 10, images: 1 });
    expect([at(0), at(4), at(5), at(9)]).toEqual([['alone'], ['alone'], ['step'], ['step']]);
    const { outputs, state } = run(training, withTruth(), 'alone');
    expect(outputs).toEqual({ pixel: expect.closeTo(error, 5) as number, finite: 1 });
    expect(Object.keys(state).filter((name) => name.startsWith('d.'))).toEqual([]);
    const dw = [3, -3].reduce(
      (sum, truth, k) => sum + 10 * (images[k]! - truth) * LEARNING_NOISE[k]!,
      0,
    );
    expect(state['g.w']).toBeCloseTo(W - RATE * dw, 4);
  });
});

describe('a generator without an opponent', () => {
  const truth = (): Tensors => ({
    'learning.condition': column(...LEARNING),
    'learning.image': pixels(3, -3),
    'learningNoise.z': column(...LEARNING_NOISE),
    rate: tf.scalar(RATE),
    momentum: tf.scalar(0),
  });

  it('descends its terms, and has neither state nor losses of a discriminator', () => {
    const training = adversarialTraining(
      { ...nets, discriminator: null },
      { ...options, terms: [pixelTerm('image', 2, 'l1')] },
    );
    expect(training.programs.map(({ name }) => name)).toEqual(['alone']);
    expect(Object.keys(training.state).filter((name) => name.includes('d.'))).toEqual([]);
    const { outputs, state } = run(training, truth(), 'alone');
    const images = drawn(LEARNING_NOISE, LEARNING);
    const gaps = [images[0]! - 3, images[1]! + 3];
    expect(outputs['pixel']).toBeCloseTo(mean(gaps.map(Math.abs)), 5);
    const dw = gaps.reduce(
      (sum, gap, at) => sum + (2 / 2) * Math.sign(gap) * LEARNING_NOISE[at]!,
      0,
    );
    expect(state['g.w']).toBeCloseTo(W - RATE * dw, 5);
  });
});

describe('the weight of the adversarial loss', () => {
  it('scales what the generator learns from its opponent', () => {
    const moved = (adversarial: number): number =>
      run(adversarialTraining(nets, { ...options, adversarial }), givenInputs()).state['g.w']! - W;
    expect(moved(0.01) / moved(1)).toBeCloseTo(0.01, 4);
  });
});

describe('a generator without noise', () => {
  it('draws none', () => {
    const { programs } = adversarialTraining({ ...nets, noise: {} }, options);
    expect(programs.map(({ noise }) => noise)).toEqual([{}]);
  });
});

describe('options that do not go together', () => {
  const blind: Network = {
    ...discriminator,
    wants: [],
    apply: ({ v, u }, { image }) => tf.add(tf.mul(scalarOf(image!), v!), u!),
  };
  const unasked: Network = { ...generator, wants: [] };
  const term = { name: 'g', weight: 1, truth: [], loss: () => tf.scalar(0) };

  it.each<[string, Adversaries, Partial<AdversarialOptions>, string]>([
    [
      'wrong pairs without a condition',
      { ...nets, discriminator: blind },
      { wrongPairs: 0.5 },
      'expected a discriminator that wants the condition where there are wrong pairs, got none such.',
    ],
    ['wrong pairs of 1', nets, { wrongPairs: 1 }, 'expected wrongPairs in [0, 1), got 1.'],
    [
      'interpolation without a condition',
      { ...nets, generator: unasked },
      { interpolation: { count: 1, share: 0.5, weight: 1 } },
      'expected two networks, of which the generator wants the condition, where conditions are interpolated, got others.',
    ],
    [
      'pre-training without terms',
      nets,
      { pretraining: 0.5 },
      'expected terms that the generator can learn from without an opponent, got none.',
    ],
    [
      'nothing to learn from',
      { ...nets, discriminator: null },
      {},
      'expected terms that the generator can learn from without an opponent, got none.',
    ],
    [
      'an adversarial weight of 0',
      nets,
      { adversarial: 0 },
      'expected an adversarial weight above 0, got 0.',
    ],
    [
      'a term with a name that is taken',
      nets,
      { terms: [term] },
      "expected terms with names of their own, without dots, got 'g'.",
    ],
  ])('refuses %s', (_, given, more, message) => {
    expect(() => adversarialTraining(given, { ...options, ...more })).toThrow(
      expect.objectContaining({
        code: 'LAPYRA_GAN_OPTION',
        message: `adversarial training: ${message}`,
      }) as Error,
    );
  });
});
