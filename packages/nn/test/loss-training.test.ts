// A line fitted by hand: loss (w·x − y)² + penalty, gradient 2x(w·x − y), Adam's first step of the whole rate.
import './numbers.js';
import type { Tensors } from '@lapyra/core';
import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { lossTraining, type LossTrainingOptions } from '../src/index.js';

const options: LossTrainingOptions = {
  state: {
    w: { shape: [], role: 'weight', initial: { fill: 1 } },
    seen: { shape: [], role: 'statistic', initial: { fill: 0 } },
    scale: { shape: [], role: 'frozen', initial: { fill: 3 } },
  },
  inputs: { random: { x: { shape: [], distribution: 'normal' } } },
  records: ['error'],
  loss: ({ w, seen, scale }, { x }) => {
    const error = tf.square(tf.sub(tf.mul(w!, x!), scale!));
    return { loss: tf.mul(error, 2), recorded: { error }, statistics: { seen: tf.add(seen!, 1) } };
  },
  optimiser: { rate: 0.1, beta1: 0.9, beta2: 0.99, decayFrom: 0.5, decayTo: 0.2 },
  average: 0.75,
};
const training = lossTraining(options);
const [program] = training.programs;
const asIs = {
  downsample: (x: tf.Tensor): tf.Tensor => x,
  upsample: (x: tf.Tensor): tf.Tensor => x,
};

function step(
  state: Tensors,
  x: number,
  rate = 0.1,
): { state: Record<string, number>; outputs: Record<string, number> } {
  const result = program!.run(state, { x: tf.scalar(x), rate: tf.scalar(rate) }, asIs);
  const numbers = (tensors: Tensors): Record<string, number> =>
    Object.fromEntries(
      Object.entries(tensors).map(([name, tensor]) => [name, tensor.dataSync()[0]!]),
    );
  return { state: numbers(result.state), outputs: numbers(result.outputs) };
}

const start = (w = 1): Tensors =>
  Object.fromEntries(
    Object.keys(training.state).map((name) => [
      name,
      tf.scalar(name === 'w' || name === 'average.w' ? w : name === 'scale' ? 3 : 0),
    ]),
  );

it('moves a weight against its gradient, and its average a part of the way', () => {
  const { state, outputs } = step(start(), 2);
  expect(outputs).toEqual({ error: 1, finite: 1 });
  // Gradient of 2·(2w − 3)² at 1: −8; Adam's first step is the rate, whatever the size of the gradient.
  expect(state['w']).toBeCloseTo(1.1, 6);
  expect(state['optimiser.m.w']).toBeCloseTo(0.1 * -8, 6);
  expect(state['optimiser.v.w']).toBeCloseTo(0.01 * 64, 6);
  expect(state['average.w']).toBeCloseTo(1 + 0.25 * 0.1, 6);
  expect(state['seen']).toBe(1);
  expect('scale' in state).toBe(false);
});

it('leaves everything as it was in a step that is not finite', () => {
  const { state, outputs } = step(start(), NaN);
  expect(outputs['finite']).toBe(0);
  expect(state['w']).toBe(1);
  expect(state['average.w']).toBe(1);
  expect(state['seen']).toBe(0);
});

it('draws with the average of a weight, and with all else as it is', () => {
  expect(training.samplerState).toEqual({ w: 'average.w', seen: 'seen', scale: 'scale' });
  const plain = lossTraining({ ...options, average: 0 });
  expect(plain.samplerState).toEqual({ w: 'w', seen: 'seen', scale: 'scale' });
  expect(Object.keys(plain.state).some((name) => name.startsWith('average.'))).toBe(false);
});

it('asks for what it is told to, and lets the rate fall', () => {
  expect(program).toMatchObject({
    name: 'step',
    draws: {},
    noise: {},
    random: { x: {} },
    scalars: ['rate'],
    outputs: ['error', 'finite'],
  });
  const { rate } = training.scalars;
  const at = (at_: number): number => rate!.at({ step: at_, steps: 100, images: 1 });
  expect([at(0), at(50), at(75), at(100)].map((value) => Number(value.toFixed(6)))).toEqual([
    0.1, 0.1, 0.06, 0.02,
  ]);
  expect(rate!.isRate).toBe(true);
});
