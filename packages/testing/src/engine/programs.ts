// Small programs for the conformance suite of engines, each with the same thing worked out in plain numbers.
import type { InputSpec, TensorProgram, Tensors, TensorValues } from '@lapyra/core';
import {
  add,
  cast,
  conv2d,
  div,
  leakyRelu,
  logicalNot,
  matMul,
  mean,
  mul,
  pow,
  scalar,
  sqrt,
  square,
  sub,
  type Tensor,
  type Tensor2D,
  type Tensor4D,
  valueAndGrads,
} from '@tensorflow/tfjs-core';
import { float32, spread } from '../tensor-values.js';

/** y = x·w + b, with w [3, 2] and b [2]. */
export const affine: TensorProgram = {
  name: 'affine',
  reads: ['layer.w', 'layer.b'],
  writes: [],
  inputs: { x: { dtype: 'float32', shape: [null, 3] } },
  outputs: { y: 'float32' },
  run: (state, { x }) => ({
    state: {},
    outputs: { y: add(matMul(x as Tensor2D, state['layer.w'] as Tensor2D), state['layer.b']!) }, // [B, 2]
  }),
};

export const affineState: TensorValues = {
  'layer.w': float32([3, 2], [1, 2, 3, 4, 5, 6]),
  'layer.b': float32([2], [0.5, -0.5]),
};

/** n ← n + by; `before` is n as it was, `after` as it is then. */
export const count: TensorProgram = {
  name: 'count',
  reads: ['n'],
  writes: ['n'],
  inputs: { by: { dtype: 'float32', shape: [] } },
  outputs: { before: 'float32', after: 'float32' },
  run: (state, { by }) => {
    const n = add(state['n']!, by!);
    return { state: { n }, outputs: { before: state['n']!, after: n } };
  },
};

/** Each element type in and out: a doubled byte, an int32 plus one, the opposite of a bool, a quarter of the byte. */
export const types: TensorProgram = {
  name: 'types',
  reads: [],
  writes: [],
  inputs: {
    byte: { dtype: 'uint8', shape: [null, 2] },
    whole: { dtype: 'int32', shape: [null] },
    flag: { dtype: 'bool', shape: [null] },
  },
  outputs: { doubled: 'uint8', next: 'int32', not: 'bool', quarter: 'float32' },
  run: (_, { byte, whole, flag }) => ({
    state: {},
    outputs: {
      doubled: add(byte!, byte!), // int32 inside
      next: add(whole!, scalar(1, 'int32')),
      not: logicalNot(flag!),
      quarter: mul(cast(byte!, 'float32'), 0.25),
    },
  }),
};

/** A 3×3 convolution with padding and a leaky ReLU of slope 0.2: [B, 4, 5, 2] → [B, 4, 5, 3]. */
export const convolution: TensorProgram = {
  name: 'convolution',
  reads: ['kernel'],
  writes: [],
  inputs: { image: { dtype: 'float32', shape: [null, 4, 5, 2] } },
  outputs: { features: 'float32' },
  run: (state, { image }) => ({
    state: {},
    outputs: {
      features: leakyRelu(conv2d(image as Tensor4D, state['kernel'] as Tensor4D, 1, 'same'), 0.2),
    },
  }),
};

export const convolutionState: TensorValues = {
  kernel: float32([3, 3, 2, 3], spread(3 * 3 * 2 * 3, 7)),
};

/** What {@link convolution} computes, by the definition. */
export function convolved(image: Float32Array, batch: number): Float64Array {
  const [height, width, from, to] = [4, 5, 2, 3];
  const { data: kernel } = convolutionState['kernel']!; // [3, 3, 2, 3]
  const out = new Float64Array(batch * height * width * to);
  for (let at = 0; at < out.length; at++) {
    const o = at % to;
    const x = Math.floor(at / to) % width;
    const y = Math.floor(at / (to * width)) % height;
    const b = Math.floor(at / (to * width * height));
    let sum = 0;
    for (let ky = 0; ky < 3; ky++)
      for (let kx = 0; kx < 3; kx++) {
        const [iy, ix] = [y + ky - 1, x + kx - 1];
        if (iy < 0 || iy >= height || ix < 0 || ix >= width) continue;
        for (let c = 0; c < from; c++)
          sum +=
            image[((b * height + iy) * width + ix) * from + c]! *
            kernel[((ky * 3 + kx) * from + c) * to + o]!;
      }
    out[at] = sum > 0 ? sum : 0.2 * sum;
  }
  return out;
}

/** Least squares on y = x·w + b, one step of plain gradient descent; the loss is the mean of the squared errors. */
export const descend: TensorProgram = {
  name: 'descend',
  reads: ['w', 'b'],
  writes: ['w', 'b'],
  inputs: { ...regressionInputs(), rate: { dtype: 'float32', shape: [] } },
  outputs: { loss: 'float32' },
  run: (state, { x, y, rate }) => {
    const { loss, byW, byB } = regression(state, x!, y!);
    return {
      state: { w: sub(state['w']!, mul(rate!, byW)), b: sub(state['b']!, mul(rate!, byB)) },
      outputs: { loss },
    };
  },
};

/** The same with Adam (Kingma & Ba 2015), β 0.5 and 0.9, ε 1e-8; `t` counts the steps. */
export const adapt: TensorProgram = {
  name: 'adapt',
  reads: ['w', 'b', 'w.m', 'w.v', 'b.m', 'b.v', 't'],
  writes: ['w', 'b', 'w.m', 'w.v', 'b.m', 'b.v', 't'],
  inputs: { ...regressionInputs(), rate: { dtype: 'float32', shape: [] } },
  outputs: { loss: 'float32' },
  run: (state, { x, y, rate }) => {
    const { loss, byW, byB } = regression(state, x!, y!);
    const t = add(state['t']!, 1);
    const next: Record<string, Tensor> = { t };
    for (const [name, gradient] of [
      ['w', byW],
      ['b', byB],
    ] as const) {
      const m = add(mul(state[`${name}.m`]!, 0.5), mul(gradient, 0.5));
      const v = add(mul(state[`${name}.v`]!, 0.9), mul(square(gradient), 1 - 0.9));
      const mHat = div(m, sub(1, pow(0.5, t)));
      const vHat = div(v, sub(1, pow(0.9, t)));
      next[name] = sub(state[name]!, mul(rate!, div(mHat, add(sqrt(vHat), 1e-8))));
      next[`${name}.m`] = m;
      next[`${name}.v`] = v;
    }
    return { state: next, outputs: { loss } };
  },
};

/** Where {@link descend} and {@link adapt} begin, and a batch of four examples for them. */
export const regressionState: TensorValues = {
  w: float32([2, 1], [0.5, -0.25]),
  b: float32([1], [0.1]),
};

export const adaptState: TensorValues = {
  ...regressionState,
  'w.m': float32([2, 1], [0, 0]),
  'w.v': float32([2, 1], [0, 0]),
  'b.m': float32([1], [0]),
  'b.v': float32([1], [0]),
  t: float32([], [0]),
};

export const regressionBatch: TensorValues = {
  x: float32([4, 2], [1, 2, -1, 0.5, 0.25, -2, 3, 1]),
  y: float32([4, 1], [1, -1, 2, 0]),
};

/** Weights, bias and loss after some steps of gradient descent, in float64, with the gradient worked out by hand. */
export function regressed(
  steps: number,
  update: 'descend' | 'adapt',
  rate: number,
): { readonly w: number[]; readonly b: number[]; readonly loss: number } {
  const { x, y } = regressionBatch;
  const values = [...regressionState['w']!.data, ...regressionState['b']!.data]; // w₀, w₁, b
  const m = [0, 0, 0];
  const v = [0, 0, 0];
  let loss = 0;
  for (let t = 1; t <= steps; t++) {
    const gradient = [0, 0, 0];
    loss = 0;
    for (let i = 0; i < 4; i++) {
      const features = [x!.data[2 * i]!, x!.data[2 * i + 1]!, 1];
      const error = features.reduce((sum, f, j) => sum + f * values[j]!, 0) - y!.data[i]!;
      loss += error ** 2 / 4;
      features.forEach((f, j) => (gradient[j]! += (2 * error * f) / 4));
    }
    gradient.forEach((g, j) => {
      if (update === 'descend') values[j]! -= rate * g;
      else {
        m[j] = 0.5 * m[j]! + 0.5 * g;
        v[j] = 0.9 * v[j]! + 0.1 * g ** 2;
        const step = m[j] / (1 - 0.5 ** t) / (Math.sqrt(v[j] / (1 - 0.9 ** t)) + 1e-8);
        values[j]! -= rate * step;
      }
    });
  }
  return { w: values.slice(0, 2), b: values.slice(2), loss };
}

function regressionInputs(): Record<string, InputSpec> {
  return {
    x: { dtype: 'float32', shape: [null, 2] },
    y: { dtype: 'float32', shape: [null, 1] },
  };
}

function regression(
  state: Tensors,
  x: Tensor,
  y: Tensor,
): { loss: Tensor; byW: Tensor; byB: Tensor } {
  const loss = (w: Tensor, b: Tensor): Tensor =>
    mean(square(sub(add(matMul(x as Tensor2D, w as Tensor2D), b), y)));
  const { value, grads } = valueAndGrads(loss)([state['w']!, state['b']!]);
  return { loss: value, byW: grads[0]!, byB: grads[1]! };
}
