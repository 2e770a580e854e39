// Layers of networks small enough to be reckoned by hand, on tfjs's own kernels.
import { initialState, type LevelPlace, type StepTraining } from '@lapyra/core';
import {
  type Adversaries,
  type AdversarialOptions,
  adversarialTraining,
  network,
} from '@lapyra/gan';
import { linear, relu, sequential } from '@lapyra/nn';
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';

const place: LevelPlace = {
  size: [1, 1],
  coarse: [1, 1],
  channels: 1,
  condition: { kind: 'none' },
  transform: 'box-bilinear',
  pixels: { mean: [0], scale: [1], exact: true },
};
const options: AdversarialOptions = {
  batch: { real: 2, generated: 2, generator: 2 },
  loss: 'cross-entropy',
  optimiser: { kind: 'adam', rate: 1e-3, beta1: 0.5, beta2: 0.999, decayFrom: 0, decayTo: 1 },
  average: 0.9,
};
const flat = (x: tf.Tensor): tf.Tensor => tf.reshape(x, [-1, 1]);
const nets: Adversaries = {
  place,
  noise: { z: { distribution: 'uniform', shape: [1, 1, 1] } },
  output: 'band',
  generator: network(
    sequential([
      ['hidden', linear({ in: 2, out: 1 })],
      ['act', relu()],
      ['out', linear({ in: 1, out: 1 })],
    ]),
    ['low'],
    ({ z, low }) => tf.concat([flat(z!), flat(low!)], 1),
  ),
  discriminator: network(
    sequential([
      ['hidden', linear({ in: 1, out: 1 })],
      ['out', linear({ in: 1, out: 1 })],
    ]),
    [],
    ({ image }) => flat(image!),
  ),
};

beforeAll(() => tf.setBackend('cpu'));

/** Features of a layer, of one image, with weights 2, 3, … in the order of the training state. */
function features(
  { state, networks }: StepTraining,
  name: string,
  layer: string,
  inputs: Record<string, number>,
): { reads: readonly string[]; value: number } {
  const program = networks![name]!.program(layer);
  const tensors = Object.fromEntries(
    Object.entries(initialState(state, 1, 'test')).map(([key, { shape }], at) => [
      key,
      tf.fill([...shape], at + 2),
    ]),
  );
  const given = Object.fromEntries(
    Object.entries(inputs).map(([key, value]) => [key, tf.fill([1, 1, 1, 1], value)]),
  );
  expect(Object.keys(program.inputs).toSorted()).toEqual(Object.keys(inputs).toSorted());
  const { outputs } = program.run(tensors, given);
  return { reads: program.reads, value: outputs['features']!.dataSync()[0]! };
}

describe('the networks of an adversarial training', () => {
  const training = adversarialTraining(nets, options);
  const order = Object.keys(training.state);
  const valueOf = (name: string): number => order.indexOf(name) + 2;

  it('are named d and g, with the layers of both', () => {
    expect(
      Object.fromEntries(
        Object.entries(training.networks!).map(([name, { layers }]) => [name, layers]),
      ),
    ).toEqual({ d: ['hidden', 'out'], g: ['hidden', 'act', 'out'] });
  });

  it('see an image, or what the generator draws from, and read no more than they need', () => {
    const [weight, bias] = [valueOf('d.hidden.weight'), valueOf('d.hidden.bias')];
    expect(features(training, 'd', 'hidden', { image: 5 })).toEqual({
      reads: ['d.hidden.weight', 'd.hidden.bias'],
      value: 5 * weight + bias,
    });
  });

  it('of a generator have the weights that it draws with: their averages', () => {
    const [weight, bias] = [valueOf('average.g.hidden.weight'), valueOf('average.g.hidden.bias')];
    const found = features(training, 'g', 'act', { low: -3, 'noise.z': 5 });
    expect(found).toEqual({
      reads: ['average.g.hidden.weight', 'average.g.hidden.bias'],
      value: 2 * weight + bias,
    });
  });

  it('are none where a network has no parts with names, or there is none', () => {
    const whole = { ...nets.generator, parts: undefined, upTo: undefined };
    const { parts: _, upTo: __, ...single } = whole;
    const alone = adversarialTraining(
      { ...nets, generator: single, discriminator: null },
      {
        ...options,
        terms: [{ name: 'size', weight: 1, truth: [], loss: ({ output }) => tf.mean(output) }],
      },
    );
    expect(alone.networks).toEqual({});
  });
});
