import { cifar10Features, CONVOLUTIONS } from '@lapyra/features-cifar10';
import { initialState, randomStream } from '@lapyra/core';
import { inference } from '@lapyra/nn';
import { expectClose } from '@lapyra/testing';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { beforeAll, describe, expect, it } from 'vitest';
import { foldBatchNorm, trainingNet } from './network.mjs';
import { encodeWeights } from './weights-file.mjs';

const SIDE = 12;

beforeAll(() => tf.setBackend('cpu'));

/** A network in the midst of training: no statistic is 0 or 1 any more. */
function trained() {
  const net = trainingNet(10);
  const state = initialState(net.state, 1, 'fold');
  for (const { name, planes } of CONVOLUTIONS) {
    const stream = randomStream(1, name);
    for (const part of ['mean', 'bias'])
      state[`${name}-norm.${part}`].data.set(stream.normal(planes));
    for (const part of ['variance', 'weight'])
      state[`${name}-norm.${part}`].data.set(stream.uniform(planes, 0.5, 2));
  }
  return { net, state };
}

const onDevice = (values) =>
  Object.fromEntries(
    Object.entries(values).map(([name, { data, shape }]) => [name, tf.tensor(data, shape)]),
  );

describe('foldBatchNorm', () => {
  it('leaves what the network says of an image as it was', async () => {
    const { net, state } = trained();
    const pixels = tf.tensor(randomStream(2).uniform(2 * SIDE * SIDE * 3, 0, 255), [
      2,
      SIDE,
      SIDE,
      3,
    ]);
    const shipped = await cifar10Features.plugin.create({}, undefined);
    const { logits } = shipped.apply(onDevice(foldBatchNorm(state)), pixels, ['logits']);
    const expected = net.apply(onDevice(state), pixels, inference);
    expect(logits.shape).toEqual([2, 10]);
    expectClose(logits.dataSync(), expected.dataSync(), { relative: 1e-4, absolute: 1e-4 });
  });
});

describe('encodeWeights', () => {
  it('keeps each weight to half a step of its output plane', () => {
    const bytes = encodeWeights({
      'a.weight': { shape: [2, 2], data: Float32Array.of(1, -50, -0.3, 127) },
      'a.bias': { shape: [2], data: Float32Array.of(0.25, -0.5) },
    });
    const length = Number(bytes.readBigUInt64LE(0));
    const header = JSON.parse(bytes.toString('utf8', 8, 8 + length));
    const data = bytes.subarray(8 + length);
    expect(header['a.weight']).toEqual({ dtype: 'I8', shape: [2, 2], data_offsets: [16, 20] });
    // Steps of 1/127 and 1: 1 → 127, −50 → −50, −0.3 → −38.1, 127 → 127.
    expect([...new Int8Array(data.subarray(16, 20))]).toEqual([127, -50, -38, 127]);
    const floats = ([begin]) => [data.readFloatLE(begin), data.readFloatLE(begin + 4)];
    expect(floats(header['a.scale'].data_offsets)).toEqual([Math.fround(1 / 127), 1]);
    expect(floats(header['a.bias'].data_offsets)).toEqual([0.25, -0.5]);
  });
});
