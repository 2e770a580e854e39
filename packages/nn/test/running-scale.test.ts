import './numbers.js';
import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { runningScale } from '../src/index.js';

const images = (...values: number[]): tf.Tensor =>
  tf.tensor4d(values, [values.length / 4, 1, 2, 2]);

it('is the root of the mean of all squares, channel by channel', () => {
  const scale = runningScale(2);
  let state: Record<string, tf.Tensor> = { square: tf.tensor1d([1, 1]), count: tf.scalar(0) };
  expect([...scale.of(state).dataSync()]).toEqual([1, 1]);
  state = scale.next(state, images(3, 0, -3, 0)); // squares 9 and 0
  expect(scale.of(state).dataSync()[0]).toBeCloseTo(3, 6);
  expect(scale.of(state).dataSync()[1]).toBeLessThan(1e-5);
  state = scale.next(state, images(1, 4, 1, 4)); // squares 1 and 16: means 5 and 8
  expect(scale.of(state).dataSync()[0]).toBeCloseTo(Math.sqrt(5), 6);
  expect(scale.of(state).dataSync()[1]).toBeCloseTo(Math.sqrt(8), 6);
  expect(state['count']!.dataSync()[0]).toBe(2);
});

it('lets old batches fade once there are many', () => {
  const scale = runningScale(2, 2);
  let state: Record<string, tf.Tensor> = { square: tf.tensor1d([4, 4]), count: tf.scalar(2) };
  state = scale.next(state, images(0, 0, 0, 0));
  expect([...state['square']!.dataSync()]).toEqual([2, 2]);
  expect(state['count']!.dataSync()[0]).toBe(2);
});
