// A training step of a small refining level, written directly with tfjs: generator and discriminator of a LAPGAN in
// miniature, with every gradient taken inside the program. Used to hold engines against each other.
import type { InputSpec, TensorProgram, TensorValues } from '@lapyra/core';
import { float32, spread } from '@lapyra/testing';
import {
  add,
  concat,
  conv2d,
  div,
  leakyRelu,
  matMul,
  maximum,
  mean,
  mul,
  neg,
  pow,
  relu,
  reshape,
  scalar,
  softplus,
  sqrt,
  square,
  sub,
  type Tensor,
  type Tensor2D,
  type Tensor4D,
  valueAndGrads,
} from '@tensorflow/tfjs-core';

export const BATCH = 3;
const SIZE = 6;

/** Shapes of the weights; those that begin with g are the generator's. */
const shapes: Readonly<Record<string, readonly number[]>> = {
  'g.conv1.weight': [3, 3, 4, 5],
  'g.conv1.bias': [5],
  'g.conv2.weight': [3, 3, 5, 3],
  'd.conv1.weight': [4, 4, 3, 4],
  'd.conv1.bias': [4],
  'd.conv2.weight': [3, 3, 4, 4],
  'd.linear.weight': [36, 1],
  'd.linear.bias': [1],
};

const weights = Object.keys(shapes);

const inputs: Readonly<Record<string, InputSpec>> = {
  low: { dtype: 'float32', shape: [null, SIZE, SIZE, 3] },
  band: { dtype: 'float32', shape: [null, SIZE, SIZE, 3] },
  noise: { dtype: 'float32', shape: [null, SIZE, SIZE, 1] },
  mask: { dtype: 'float32', shape: [null, SIZE, SIZE, 4] },
  rate: { dtype: 'float32', shape: [] },
};

/** The slots that an optimiser keeps beside each weight. */
const slots = { momentum: ['velocity'], adam: ['m', 'v'] } as const;

export type Optimiser = keyof typeof slots;

/** The state at the start: seeded weights, empty slots. */
export function startState(optimiser: Optimiser): TensorValues {
  const state: Record<string, TensorValues[string]> = { step: float32([], [0]) };
  for (const [index, name] of weights.entries()) {
    const shape = shapes[name]!;
    const size = shape.reduce((product, side) => product * side, 1);
    const values = spread(size, index + 1).map((value) => value * 0.4);
    state[name] = float32(shape, values);
    for (const slot of slots[optimiser])
      state[`${name}.${slot}`] = float32(shape, new Float32Array(size));
  }
  return state;
}

/** The inputs of one step. */
export function stepInputs(step: number, rate: number): TensorValues {
  const drawn = (channels: number, seed: number): TensorValues[string] =>
    float32([BATCH, SIZE, SIZE, channels], spread(BATCH * SIZE * SIZE * channels, seed));
  return {
    low: drawn(3, 100 + step),
    band: drawn(3, 200 + step),
    noise: drawn(1, 300 + step),
    mask: float32(
      [BATCH, SIZE, SIZE, 4],
      spread(BATCH * SIZE * SIZE * 4, 400 + step).map((value) => (value < 0.4 ? 1 / 0.7 : 0)),
    ),
    rate: float32([], [rate]),
  };
}

/** The generator alone, as it is sampled: from low and noise to the image. */
export const sampler: TensorProgram = {
  name: 'sampler',
  reads: weights.filter((name) => name.startsWith('g.')),
  writes: [],
  inputs: { low: inputs['low']!, noise: inputs['noise']! },
  outputs: { image: 'float32' },
  run: (state, { low, noise }) => ({
    state: {},
    outputs: { image: add(low!, generate(state, low!, noise!)) },
  }),
};

/** One step of both nets: non-saturating cross-entropy on logits, dropout by a given mask. */
export function ganStep(optimiser: Optimiser): TensorProgram {
  const written = weights.flatMap((name) => [
    name,
    ...slots[optimiser].map((slot) => `${name}.${slot}`),
  ]);
  return {
    name: `gan step with ${optimiser}`,
    reads: ['step', ...written],
    writes: ['step', ...written],
    inputs,
    outputs: { 'loss.g': 'float32', 'loss.d': 'float32' },
    run: (state, given) => {
      const { low, band, noise, mask, rate } = given as Record<string, Tensor>;
      const step = add(state['step']!, 1);
      const next: Record<string, Tensor> = { step };
      const update = (part: string, loss: (nets: Record<string, Tensor>) => Tensor): Tensor => {
        const names = weights.filter((name) => name.startsWith(part));
        const { value, grads } = valueAndGrads((...own: Tensor[]) =>
          loss({ ...state, ...Object.fromEntries(own.map((one, i) => [names[i]!, one])) }),
        )(names.map((name) => state[name]!));
        names.forEach((name, i) =>
          Object.assign(next, updates[optimiser](name, state, grads[i]!, rate!, step)),
        );
        return value;
      };
      const lossD = update('d.', (nets) => {
        const fake = generate(nets, low!, noise!);
        return add(
          mean(softplus(neg(discriminate(nets, low!, band!, mask!)))),
          mean(softplus(discriminate(nets, low!, fake, mask!))),
        );
      });
      const lossG = update('g.', (nets) =>
        mean(softplus(neg(discriminate(nets, low!, generate(nets, low!, noise!), mask!)))),
      );
      return { state: next, outputs: { 'loss.g': lossG, 'loss.d': lossD } };
    },
  };
}

function generate(nets: Readonly<Record<string, Tensor>>, low: Tensor, noise: Tensor): Tensor {
  const seen = concat([low as Tensor4D, noise as Tensor4D], 3); // [B, 6, 6, 4]
  const hidden = conv2d(seen, nets['g.conv1.weight'] as Tensor4D, 1, 'same');
  const active = relu(add(hidden, nets['g.conv1.bias']!)); // [B, 6, 6, 5]
  return conv2d(active as Tensor4D, nets['g.conv2.weight'] as Tensor4D, 1, 'same'); // [B, 6, 6, 3]
}

function discriminate(
  nets: Readonly<Record<string, Tensor>>,
  low: Tensor,
  band: Tensor,
  mask: Tensor,
): Tensor {
  const image = add(low, band) as Tensor4D; // [B, 6, 6, 3]
  const first = conv2d(image, nets['d.conv1.weight'] as Tensor4D, 1, 'same');
  const kept = mul(leakyRelu(add(first, nets['d.conv1.bias']!), 0.2), mask); // [B, 6, 6, 4]
  const second = conv2d(kept as Tensor4D, nets['d.conv2.weight'] as Tensor4D, 2, 'same'); // [B, 3, 3, 4]
  const flat = reshape(leakyRelu(second, 0.2), [-1, 36]);
  return add(matMul(flat as Tensor2D, nets['d.linear.weight'] as Tensor2D), nets['d.linear.bias']!); // [B, 1]
}

type Update = (
  name: string,
  state: Readonly<Record<string, Tensor>>,
  gradient: Tensor,
  rate: Tensor,
  step: Tensor,
) => Record<string, Tensor>;

const updates: Readonly<Record<Optimiser, Update>> = {
  momentum: (name, state, gradient, rate) => {
    const velocity = add(mul(state[`${name}.velocity`]!, 0.5), mul(gradient, 0.5));
    return {
      [name]: sub(state[name]!, mul(rate, velocity)),
      [`${name}.velocity`]: velocity,
    };
  },
  adam: (name, state, gradient, rate, step) => {
    const m = add(mul(state[`${name}.m`]!, 0.5), mul(gradient, 0.5));
    const v = maximum(add(mul(state[`${name}.v`]!, 0.99), mul(square(gradient), 0.01)), 0);
    const corrected = div(m, sub(1, pow(scalar(0.5), step)));
    const scale = add(sqrt(div(v, sub(1, pow(scalar(0.99), step)))), 1e-8);
    return {
      [name]: sub(state[name]!, mul(rate, div(corrected, scale))),
      [`${name}.m`]: m,
      [`${name}.v`]: v,
    };
  },
};
