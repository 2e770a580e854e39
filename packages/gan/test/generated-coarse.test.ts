// Coarse images that were generated, in a game small enough to be reckoned by hand: images of one pixel, a generator w·z + c·low,
// and a discriminator whose logit is v·pixel + u·low.
import {
  checkLevel,
  type LevelPlace,
  type Resample,
  type StepTraining,
  type Tensors,
} from '@lapyra/core';
import {
  type Adversaries,
  type AdversarialOptions,
  adversarialSampler,
  adversarialTraining,
  pixelTerm,
} from '@lapyra/gan';
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';

const [W, C, V, U] = [0.5, -0.25, 0.8, 0.3];
const RATE = 0.1;
const weight = { shape: [], role: 'weight', initial: { fill: 0 } } as const;
const place: LevelPlace = {
  size: [1, 1],
  coarse: [1, 1],
  channels: 1,
  condition: { kind: 'none' },
  transform: 'box-bilinear',
  pixels: { mean: [0], scale: [1], exact: true },
};

const nets = (output: 'band' | 'image'): Adversaries => ({
  place,
  noise: { z: { distribution: 'uniform', shape: [1] } },
  output,
  generator: {
    state: { w: weight, c: weight },
    masks: () => ({}),
    wants: ['low'],
    apply: ({ w, c }, { z, low }) =>
      tf.add(tf.mul(tf.reshape(z!, [-1, 1, 1, 1]), w!), tf.mul(low!, c!)),
  },
  discriminator: {
    state: { v: weight, u: weight },
    masks: () => ({}),
    wants: ['low'],
    apply: ({ v, u }, { image, low }) =>
      tf.reshape(tf.add(tf.mul(image!, v!), tf.mul(low!, u!)), [-1, 1]),
  },
});
const options: AdversarialOptions = {
  batch: { real: 1, generated: 1, generator: 2 },
  loss: 'hinge',
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
const resample: Resample = { downsample: (image) => image, upsample: (image) => image };
const pixels = (...values: number[]): tf.Tensor => tf.tensor4d(values, [values.length, 1, 1, 1]);
const KNOWN: Record<string, number> = { 'g.w': W, 'g.c': C, 'd.v': V, 'd.u': U };

const [LOW, NOISE] = [
  [0.4, 2],
  [-0.6, 0.3],
] as const;

function step(training: StepTraining, change: Tensors): Record<string, number> {
  const state = Object.fromEntries(
    Object.entries(training.state).map(([name, { shape }]) => [
      name,
      tf.fill([...shape], KNOWN[name] ?? 0),
    ]),
  );
  const inputs: Tensors = {
    'real.image': pixels(1),
    'real.low': pixels(0.5),
    'others.low': pixels(-1),
    'judgedNoise.z': tf.tensor2d([[0.2]]),
    'learning.low': pixels(...LOW),
    'learningNoise.z': tf.tensor2d([...NOISE], [2, 1]),
    rate: tf.scalar(RATE),
    momentum: tf.scalar(0),
    ...change,
  };
  const result = training.programs[0]!.run(state, inputs, resample);
  return Object.fromEntries(
    Object.entries({ ...result.state, ...result.outputs }).map(([name, x]) => [
      name,
      x.dataSync()[0]!,
    ]),
  );
}

beforeAll(async () => {
  await tf.setBackend('cpu');
});

describe('an adversarial level above another', () => {
  it('lets the coarse images under what it draws be generated ones, never those of real images', () => {
    const { draws } = adversarialTraining(nets('band'), options).programs[0]!;
    expect(draws).toEqual({
      real: { count: 1, of: ['image', 'low'] },
      others: { count: 1, of: ['low'], mayBeGenerated: true },
      learning: { count: 2, of: ['low'], mayBeGenerated: true },
    });
  });

  it.each(['band', 'image'] as const)(
    'compares the %s with the truth only where there is one, as the mean over those',
    (output) => {
      const terms = [pixelTerm(output, 10)];
      const training = adversarialTraining(nets(output), { ...options, terms });
      expect(training.programs[0]!.draws['learning']).toEqual({
        count: 2,
        of: ['low', output, 'paired'],
        mayBeGenerated: true,
      });
      const drawn = W * NOISE[0] + C * LOW[0];
      const truth = (second: number): Tensors => ({
        [`learning.${output}`]: pixels(0.7, second),
        'learning.paired': tf.tensor1d([1, 0]),
      });
      const one = step(training, truth(5));
      expect(one['pixel']).toBeCloseTo((drawn - 0.7) ** 2, 6);
      expect(step(training, truth(-300))).toEqual(one);
      const without = step(adversarialTraining(nets(output), options), {});
      // The game is played with both images; the term pulls by the first alone: 10 · 2 (drawn − 0.7) · z.
      const pull = 10 * 2 * (drawn - 0.7) * NOISE[0];
      expect(one['g.w']! - without['g.w']!).toBeCloseTo(-RATE * pull, 5);
      expect(one['g']).toBeCloseTo(without['g']!, 6);
      const none = step(training, { ...truth(5), 'learning.paired': tf.tensor1d([0, 0]) });
      expect(none['pixel']).toBe(0);
      expect(none['g.w']).toBeCloseTo(without['g.w']!, 6);
    },
  );

  it('names its discriminator as the critic, and the game', () => {
    const training = adversarialTraining(nets('band'), options);
    const level = {
      place,
      noise: nets('band').noise,
      output: 'band',
      sampler: adversarialSampler('x', nets('band')),
      training,
    } as const;
    checkLevel(level);
    const { program, loss } = training.critic!;
    expect(loss).toBe('hinge');
    expect(program.reads).toEqual(['d.v', 'd.u']);
    const { outputs } = program.run(
      { 'd.v': tf.scalar(V), 'd.u': tf.scalar(U) },
      { image: pixels(2, -1), low: pixels(0.5, 4) },
    );
    expect([...outputs['logits']!.dataSync()].map((x) => Number(x.toFixed(6)))).toEqual([
      Number((2 * V + 0.5 * U).toFixed(6)),
      Number((-V + 4 * U).toFixed(6)),
    ]);
    const alone = { ...nets('band'), discriminator: null };
    const terms = [pixelTerm('band', 1)];
    expect(adversarialTraining(alone, { ...options, terms }).critic).toBeUndefined();
  });
});
