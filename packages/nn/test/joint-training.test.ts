// A chain of two levels small enough to be reckoned by hand: 1×1 → 2×2, one channel. The first draws a·z; the second adds
// b·low + c·n to it; critics see v·mean(image) + u·mean(low). On tfjs's own kernels.
import {
  boxBilinearTransform,
  initialState,
  type Level,
  type LevelPlace,
  type StepTraining,
  type TensorValues,
  type Transform,
} from '@lapyra/core';
import { jointTraining, type JointLevel, tunedStates } from '@lapyra/nn';
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';

const upsample = (x: tf.Tensor): tf.Tensor => tf.tile(x, [1, 2, 2, 1]);
const transform: Transform = {
  plain: { ...boxBilinearTransform, chained: false },
  tensor: {
    downsample: (x) => tf.mean(x, [1, 2], true),
    upsample,
    join: (low, band) => tf.add(low, band),
    views: () => {
      throw new Error('not asked for');
    },
  },
};
const placeAt = (side: number, coarse: number | null): LevelPlace => ({
  size: [side, side],
  coarse: coarse === null ? null : [coarse, coarse],
  channels: 1,
  condition: { kind: 'none' },
  transform: 'box-bilinear',
  pixels: { mean: [0], scale: [1], exact: true },
});
const image = (side: number) => ({ dtype: 'float32', shape: [null, side, side, 1] }) as const;
const scalar = (role: 'weight' | 'average', copy?: string) =>
  ({ shape: [], role, initial: copy === undefined ? { fill: 0 } : { copy } }) as const;
const mean = (x: tf.Tensor): tf.Tensor => tf.mean(x, [1, 2, 3]);

const training = (
  side: number,
  state: StepTraining['state'],
  samplerState: StepTraining['samplerState'],
): StepTraining => ({
  kind: 'steps',
  state: { ...state, v: scalar('weight'), u: scalar('weight') },
  programs: [],
  scalars: {},
  samplerState,
  critic: {
    loss: 'least-squares',
    program: {
      name: 'critic',
      reads: ['v', 'u'],
      writes: [],
      inputs: { image: image(side), ...(side > 1 ? { low: image(side) } : {}) },
      outputs: { logits: 'float32' },
      run: ({ v, u }, { image: seen, low }) => {
        const own = tf.mul(mean(seen!), v!);
        return {
          state: {},
          outputs: { logits: low ? tf.add(own, tf.mul(mean(low), u!)) : tf.add(own, u!) },
        };
      },
    },
  },
});
const first: Level = {
  place: placeAt(1, null),
  noise: { z: { distribution: 'normal', shape: [1] } },
  output: 'image',
  sampler: {
    name: 'first',
    reads: ['a'],
    writes: [],
    inputs: { 'noise.z': { dtype: 'float32', shape: [null, 1] } },
    outputs: { image: 'float32' },
    run: ({ a }, inputs) => ({
      state: {},
      outputs: { image: tf.reshape(tf.mul(inputs['noise.z']!, a!), [-1, 1, 1, 1]) },
    }),
  },
  // It draws with the average of its weight.
  training: training(1, { a: scalar('weight'), mean: scalar('average', 'a') }, { a: 'mean' }),
};
const second: Level = {
  place: placeAt(2, 1),
  noise: { n: { distribution: 'normal', shape: [1] } },
  output: 'band',
  sampler: {
    name: 'second',
    reads: ['b', 'c'],
    writes: [],
    inputs: { low: image(2), 'noise.n': { dtype: 'float32', shape: [null, 1] } },
    outputs: { band: 'float32' },
    run: ({ b, c }, { low, ...noise }) => ({
      state: {},
      outputs: {
        band: tf.add(tf.mul(low!, b!), tf.reshape(tf.mul(noise['noise.n']!, c!), [-1, 1, 1, 1])),
      },
    }),
  },
  training: training(2, { b: scalar('weight'), c: scalar('weight') }, { b: 'b', c: 'c' }),
};

const [A, B, C, V1, U1, V2, U2] = [0.5, -0.3, 0.2, 0, 0.1, 0.7, -0.4];
const value = (x: number) => ({ dtype: 'float32', shape: [], data: Float32Array.of(x) }) as const;
const numbers = (all: Readonly<Record<string, number>>): TensorValues =>
  Object.fromEntries(Object.entries(all).map(([name, x]) => [name, value(x)]));
const chain = (frozen = false): readonly JointLevel[] => {
  const { critic: _, ...blind } = second.training as StepTraining;
  return [
    { level: first, state: numbers({ a: 9, mean: A, v: V1, u: U1 }) },
    {
      level: frozen ? { ...second, training: blind } : second,
      state: numbers({ b: B, c: C, v: V2, u: U2 }),
    },
  ];
};
const options = {
  transform,
  sizes: [
    [1, 1],
    [2, 2],
  ],
  batch: 2,
  rate: 0.01,
} as const;

const REAL = [1, 3, 2, 2, 0, 1, -1, 4]; // two images of 2×2
const [Z, N] = [
  [0.4, -1.2],
  [0.6, 0.3],
];
const [Z2, N2] = [
  [-0.7, 0.9],
  [0.2, -0.5],
];

function step(joint: Level): Record<string, number> {
  const { state, programs } = joint.training as StepTraining;
  const current = Object.fromEntries(
    Object.entries(initialState(state, 1, 'x')).map(([name, { shape, data }]) => [
      name,
      tf.tensor(data, [...shape]),
    ]),
  );
  const column = (values: readonly number[]): tf.Tensor => tf.tensor2d([...values], [2, 1]);
  const result = programs[0]!.run(
    current,
    {
      'real.image': tf.tensor4d(REAL, [2, 2, 2, 1]),
      'judgedNoise.1.z': column(Z),
      'judgedNoise.2.n': column(N),
      'learningNoise.1.z': column(Z2),
      'learningNoise.2.n': column(N2),
      rate: tf.scalar(0.01),
    },
    transform.tensor,
  );
  return Object.fromEntries(
    Object.entries({ ...result.state, ...result.outputs }).map(([name, x]) => [
      name,
      x.dataSync()[0]!,
    ]),
  );
}

const average = (values: readonly number[]): number =>
  values.reduce((sum, x) => sum + x, 0) / values.length;

beforeAll(async () => {
  await tf.setBackend('cpu');
});

describe('jointTraining', () => {
  it('judges each level on real images and on what the chain draws, reckoned by hand', () => {
    const joint = jointTraining({ ...options, levels: chain() });
    expect(joint.place).toMatchObject({ size: [2, 2], coarse: null });
    expect(Object.keys(joint.noise)).toEqual(['1.z', '2.n']);
    const got = step(joint);
    const reals = [average(REAL.slice(0, 4)), average(REAL.slice(4))];
    const lows = Z.map((z) => A * z);
    const images = lows.map((low, at) => low + B * low + C * N[at]!);
    const judge = (ones: number[], fakes: number[]): number =>
      (average(ones.map((y) => (y - 1) ** 2)) + average(fakes.map((y) => y ** 2))) / 2;
    expect(got['d.1']).toBeCloseTo(
      judge(
        reals.map((x) => V1 * x + U1),
        lows.map((x) => V1 * x + U1),
      ),
      5,
    );
    expect(got['d.2']).toBeCloseTo(
      judge(
        reals.map((x) => V2 * x + U2 * x),
        images.map((x, at) => V2 * x + U2 * lows[at]!),
      ),
      5,
    );
    expect(got['finite']).toBe(1);
  });

  it('moves every sampler by the sum of all critics: the first also by what is above it', () => {
    const got = step(jointTraining({ ...options, levels: chain() }));
    const [v1, u1, v2, u2] = ['1.critic.v', '1.critic.u', '2.critic.v', '2.critic.u'].map(
      (name) => got[name]!,
    ) as [number, number, number, number];
    /** What the samplers pay, against the critics as they are after their step. */
    const loss = (a: number, b: number, c: number): number => {
      const lows = Z2.map((z) => a * z);
      const images = lows.map((low, at) => low + b * low + c * N2[at]!);
      return (
        average(lows.map((x) => (v1 * x + u1 - 1) ** 2)) +
        average(images.map((x, at) => (v2 * x + u2 * lows[at]! - 1) ** 2))
      );
    };
    expect(got['g.1']! + got['g.2']!).toBeCloseTo(loss(A, B, C), 5);
    const h = 1e-4;
    const slopes = [
      (loss(A + h, B, C) - loss(A - h, B, C)) / (2 * h),
      (loss(A, B + h, C) - loss(A, B - h, C)) / (2 * h),
      (loss(A, B, C + h) - loss(A, B, C - h)) / (2 * h),
    ];
    // Adam's first moment after one step is half the gradient.
    expect(got['optimiser.g.m.1.sampler.a']).toBeCloseTo(slopes[0]! / 2, 4);
    expect(got['optimiser.g.m.2.sampler.b']).toBeCloseTo(slopes[1]! / 2, 4);
    expect(got['optimiser.g.m.2.sampler.c']).toBeCloseTo(slopes[2]! / 2, 4);
    expect(got['1.sampler.a']).toBeCloseTo(A - 0.01 * Math.sign(slopes[0]!), 5);
  });

  it('keeps levels without a critic as they are, and refuses chains of only such', () => {
    const joint = jointTraining({ ...options, levels: chain(true) });
    const { state, programs } = joint.training as StepTraining;
    expect(state['2.sampler.b']).toMatchObject({ role: 'frozen' });
    expect(programs[0]!.writes.filter((name) => name.startsWith('2.'))).toEqual([]);
    expect(programs[0]!.outputs).toEqual(['d.1', 'g.1', 'finite']);
    expect(step(joint)['finite']).toBe(1);
    const [, blind] = chain(true);
    expect(() => jointTraining({ ...options, levels: [blind!] })).toThrow(
      'joint training: expected a level with a critic, got none of 2.',
    );
  });

  it('draws like the levels one after the other', () => {
    const joint = jointTraining({ ...options, levels: chain() });
    if ('kind' in joint.sampler) throw new Error('a program');
    const { outputs } = joint.sampler.run(
      {
        '1.sampler.a': tf.scalar(A),
        '2.sampler.b': tf.scalar(B),
        '2.sampler.c': tf.scalar(C),
      },
      { 'noise.1.z': tf.tensor2d([[2]]), 'noise.2.n': tf.tensor2d([[-1]]) },
    );
    const low = A * 2;
    for (const pixel of outputs['image']!.dataSync())
      expect(pixel).toBeCloseTo(low + B * low - C, 6);
  });

  it('gives the tuned weights back, to averages and what they are of alike', () => {
    const tuned = numbers({
      '1.sampler.a': 7,
      '1.critic.v': 8,
      '1.critic.u': 6,
      '2.sampler.b': 5,
      '2.sampler.c': 4,
      '2.critic.v': 3,
      '2.critic.u': 2,
    });
    const [one, two] = tunedStates(chain(), tuned);
    expect(one).toEqual(numbers({ a: 7, mean: 7, v: 8, u: 6 }));
    expect(two).toEqual(numbers({ b: 5, c: 4, v: 3, u: 2 }));
    expect(tunedStates(chain(true), tuned)[1]).toEqual(chain(true)[1]!.state);
  });
});
