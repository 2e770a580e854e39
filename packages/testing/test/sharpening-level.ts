// A level small enough to see through: band = gain · low + volume · noise, with one gain and one volume per channel, learnt
// by gradient descent on the squared error of the band. Parts of it can be replaced, to see what a suite says.
import {
  boxBilinearTransform,
  type Level,
  type Size,
  type StepProgram,
  type StepTraining,
  type TensorProgram,
  type Tensors,
  type Transform,
} from '@lapyra/core';
import * as tf from '@tensorflow/tfjs-core';

export const sizes: readonly Size[] = [
  [2, 3],
  [4, 4],
];

export const transform: Transform = {
  plain: boxBilinearTransform,
  tensor: {
    downsample: () => {
      throw new Error('no suite of levels asks for it');
    },
    upsample: (coarse, size) => tf.image.resizeBilinear(coarse as tf.Tensor4D, [...size], true),
    join: (low, band) => tf.add(low, band),
    views: () => {
      throw new Error('no suite of levels asks for it');
    },
  },
};

export interface Replaced {
  readonly sampler?: Partial<TensorProgram>;
  readonly program?: Partial<StepProgram>;
  readonly training?: Partial<StepTraining>;
  readonly level?: Partial<Level>;
}

export function sharpeningLevel(replaced: Replaced = {}): Level {
  const names = ['gain', 'volume'];
  return {
    place: {
      size: sizes[1]!,
      coarse: sizes[0]!,
      channels: 3,
      condition: { kind: 'none' },
      transform: 'box-bilinear',
      pixels: { mean: [127.5, 127.5, 127.5], scale: [64, 64, 64], exact: false },
    },
    noise: { z: { distribution: 'uniform', shape: [4, 4, 1] } },
    output: 'band',
    sampler: {
      name: 'sharpen',
      reads: names,
      writes: [],
      inputs: {
        low: { dtype: 'float32', shape: [null, 4, 4, 3] },
        'noise.z': { dtype: 'float32', shape: [null, 4, 4, 1] },
      },
      outputs: { band: 'float32' },
      run: (state, inputs) => ({
        state: {},
        outputs: { band: drawBand(state, inputs['low']!, inputs['noise.z']!) },
      }),
      ...replaced.sampler,
    },
    training: {
      kind: 'steps',
      state: {
        gain: { shape: [3], role: 'weight', initial: { normal: [0, 0.3] } },
        volume: { shape: [3], role: 'weight', initial: { fill: 0.5 } },
      },
      programs: [
        {
          name: 'step',
          draws: { real: { count: 4, of: ['low', 'band'] } },
          noise: { drawn: 4 },
          random: {},
          scalars: ['rate'],
          reads: names,
          writes: names,
          outputs: ['error', 'finite'],
          run: (state, inputs) => guarded(state, descended(state, inputs)),
          ...replaced.program,
        },
      ],
      scalars: { rate: { at: () => 0.05, isRate: true } },
      samplerState: { gain: 'gain', volume: 'volume' },
      ...replaced.training,
    },
    ...replaced.level,
  };
}

/** [B, 4, 4, 3]. */
export function drawBand({ gain, volume }: Tensors, low: tf.Tensor, z: tf.Tensor): tf.Tensor {
  return tf.add(tf.mul(low, gain!), tf.mul(z, volume!));
}

export interface Descended {
  readonly next: Tensors;
  readonly error: tf.Tensor;
}

/** One step of gradient descent, or with a negative `direction` of ascent; the gradients are worked out by hand. */
export function descended(state: Tensors, inputs: Tensors, direction = 1): Descended {
  const [low, z] = [inputs['real.low']!, inputs['drawn.z']!];
  const off = tf.sub(drawBand(state, low, z), inputs['real.band']!); // [B, 4, 4, 3]
  const moved = (weight: tf.Tensor, seen: tf.Tensor): tf.Tensor => {
    const gradient = tf.div(tf.sum(tf.mul(off, seen), [0, 1, 2]), off.size / 2); // [3]
    return tf.sub(weight, tf.mul(gradient, tf.mul(inputs['rate']!, direction)));
  };
  return {
    next: { gain: moved(state['gain']!, low), volume: moved(state['volume']!, z) },
    error: tf.mean(tf.square(off)),
  };
}

/** The new state if all of it is finite, else the old one. */
export function guarded(
  state: Tensors,
  { next, error }: Descended,
): ReturnType<StepProgram['run']> {
  const parts = [error, ...Object.values(next)].map((part) => tf.all(tf.isFinite(part)));
  const good = parts.reduce((both, part) => tf.logicalAnd(both, part));
  const kept = Object.entries(next).map(([name, value]) => [
    name,
    tf.where(good, value, state[name]!),
  ]);
  return {
    state: Object.fromEntries(kept) as Tensors,
    outputs: { error, finite: tf.cast(good, 'float32') },
  };
}
