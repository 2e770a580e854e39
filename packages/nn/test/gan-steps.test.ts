// Three whole steps of a small LAPGAN level, discriminator and generator, against PyTorch (fixtures/make-fixtures.py).
import type { StateTensor, Tensors } from '@lapyra/core';
import {
  adam,
  batchNorm,
  bceWithLogits,
  commit,
  conv2d,
  dropout,
  flatten,
  linear,
  type ModuleContext,
  pick,
  relu,
  scoped,
  sequential,
  sgd,
  trainable,
  valueAndGrads,
} from '@lapyra/nn';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { deviationOfAll, fixture, loadAll, type Stored, values } from './numbers.js';

beforeAll(() => tf.setBackend('cpu'));

interface GanRun {
  readonly kind: 'sgd' | 'adam';
  readonly weights: Record<string, Stored>;
  readonly steps: readonly {
    readonly inputs: Record<string, Stored>;
    readonly dLoss: number;
    readonly gLoss: number;
    readonly weights: Record<string, Stored>;
  }[];
}

const planes = 4;
const generator = scoped(
  'g.',
  sequential([
    ['conv1', conv2d({ in: 4, out: planes, kernel: 3, padding: 1, bias: false })],
    ['norm', batchNorm({ channels: planes })],
    ['relu', relu()],
    ['conv2', conv2d({ in: planes, out: 3, kernel: 3, padding: 'same' })],
  ]),
);
const discriminator = scoped(
  'd.',
  sequential([
    ['conv1', conv2d({ in: 3, out: planes, kernel: 3, padding: 'valid' })],
    ['relu1', relu()],
    ['conv2', conv2d({ in: planes, out: planes, kernel: 3, stride: 2, padding: 0 })],
    ['relu2', relu()],
    ['flat', flatten()],
    ['drop', dropout({ keep: 0.5, shape: [16] })],
    ['score', linear({ in: 16, out: 1 })],
  ]),
);
const nets: Record<string, StateTensor> = { ...generator.state, ...discriminator.state };

function optimiserOf(kind: GanRun['kind']): ReturnType<typeof sgd> {
  return kind === 'sgd' ? sgd({ momentum: 0.5 }) : adam({ beta1: 0.5 });
}

function step(kind: GanRun['kind'], state: Tensors, x: Tensors): ReturnType<typeof commit> {
  const optimiser = optimiserOf(kind);
  const rate = tf.scalar(kind === 'sgd' ? 0.02 : 0.001);
  const at = (name: string): tf.Tensor => x[name] ?? tf.scalar(Number.NaN);
  const generate = (from: Tensors, draw: string, updates: ModuleContext['updates']): tf.Tensor => {
    const input = tf.concat([at(`${draw}.noise`), at(`${draw}.low`)], 3); // [B, H, W, 4]
    return generator.apply(from, input, { training: true, masks: {}, updates });
  };
  const judge = (from: Tensors, images: tf.Tensor, mask: string): tf.Tensor =>
    discriminator.apply(from, images, {
      training: true,
      masks: { 'd.drop.mask': at(mask) },
      updates: null,
    });

  const images = tf.concat([
    tf.add(at('real.band'), at('real.low')),
    tf.add(generate(state, 'fake', null), at('fake.low')),
  ]);
  const target = tf.tensor2d([1, 1, 1, 0, 0, 0], [6, 1]);
  const dWeights = pick(state, trainable(discriminator.state));
  const d = valueAndGrads(
    (weights) => bceWithLogits(judge({ ...state, ...weights }, images, 'd.mask'), target),
    dWeights,
  );
  const dNext = optimiser.update({
    prefix: 'o.d.',
    weights: dWeights,
    gradients: d.gradients,
    state,
    rate,
  });

  const gWeights = pick(state, trainable(generator.state));
  const g = valueAndGrads((weights) => {
    const updates: Record<string, tf.Tensor> = {};
    const band = generate({ ...state, ...weights }, 'g', updates);
    const judged = judge({ ...state, ...dNext.weights }, tf.add(band, at('g.low')), 'g.mask');
    return { loss: bceWithLogits(judged, 1), aux: updates };
  }, gWeights);
  const gNext = optimiser.update({
    prefix: 'o.g.',
    weights: gWeights,
    gradients: g.gradients,
    state,
    rate,
  });
  return commit({
    state,
    next: { ...dNext.weights, ...dNext.state, ...gNext.weights, ...gNext.state, ...g.aux },
    losses: { dLoss: d.loss, gLoss: g.loss },
  });
}

describe('training steps of a small level', () => {
  it.each(fixture<GanRun[]>('gan-steps').map((run) => [run.kind, run] as const))(
    'agree with PyTorch, with %s',
    (kind, run) => {
      const optimiser = optimiserOf(kind);
      const slots = {
        ...optimiser.state(generator.state, 'o.g.'),
        ...optimiser.state(discriminator.state, 'o.d.'),
      };
      let state: Tensors = {
        ...loadAll(run.weights),
        ...Object.fromEntries(
          Object.entries(slots).map(([name, { shape }]) => [name, tf.zeros([...shape])]),
        ),
      };
      expect(Object.keys(run.weights).sort()).toEqual(Object.keys(nets).sort());
      for (const expected of run.steps) {
        const result = step(kind, state, loadAll(expected.inputs));
        expect(values(result.outputs['finite'])).toEqual([1]);
        expect(values(result.outputs['dLoss'])[0]).toBeCloseTo(expected.dLoss, 5);
        expect(values(result.outputs['gLoss'])[0]).toBeCloseTo(expected.gLoss, 5);
        expect(Object.keys(result.state).sort()).toEqual(Object.keys(state).sort());
        ({ state } = result);
        expect(deviationOfAll(pick(state, nets), expected.weights)).toBeLessThanOrEqual(2e-6);
      }
    },
  );
});
