// Modules against PyTorch's numbers (fixtures/make-fixtures.py): values, gradients by input and by weight.
import {
  batchNorm,
  type Conv2dOptions,
  type ConvTranspose2dOptions,
  conv2d,
  convTranspose2d,
  elu,
  inference,
  leakyRelu,
  type Module,
  pixelShuffle,
  prelu,
  relu,
  sigmoid,
  softplus,
  tanh,
  upsampleNearest,
  valueAndGrads,
} from '@lapyra/nn';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { expectClose, fixture, load, type Stored } from './numbers.js';

interface LayerCase<Options> {
  readonly options: Options;
  readonly x: Stored;
  readonly weight: Stored;
  readonly bias: Stored;
  readonly y: Stored;
  readonly dy: Stored;
  readonly dx: Stored;
  readonly dweight: Stored;
  readonly dbias: Stored;
}

beforeAll(() => tf.setBackend('cpu'));

/** A layer with `weight` and `bias`: its value, and the gradients of Σ y·dy. */
function checkLayer(
  module: Module,
  given: LayerCase<unknown>,
  others: Record<string, tf.Tensor> = {},
  training = false,
): void {
  const tensors = { x: load(given.x), weight: load(given.weight), bias: load(given.bias) };
  const { aux, gradients } = valueAndGrads(({ x, ...weights }) => {
    const y = module.apply({ ...others, ...weights }, x ?? tf.scalar(0), {
      ...inference,
      training,
    });
    return { loss: tf.sum(tf.mul(y, load(given.dy))), aux: { y } };
  }, tensors);
  expectClose(aux['y'], given.y);
  expectClose(gradients['x'], given.dx, 2e-5);
  expectClose(gradients['weight'], given.dweight, 2e-5);
  expectClose(gradients['bias'], given.dbias, 2e-5);
}

describe('conv2d and convTranspose2d', () => {
  const cases = fixture<{
    conv2d: LayerCase<Conv2dOptions>[];
    convTranspose2d: LayerCase<ConvTranspose2dOptions>[];
  }>('convolutions');

  it.each(cases.conv2d.map((given) => [JSON.stringify(given.options), given] as const))(
    'conv2d %s agrees with PyTorch',
    (_name, given) => {
      const module = conv2d(given.options);
      expect(module.state['weight']?.shape).toEqual(given.weight.shape);
      checkLayer(module, given);
    },
  );

  it.each(cases.convTranspose2d.map((given) => [JSON.stringify(given.options), given] as const))(
    'convTranspose2d %s agrees with PyTorch',
    (_name, given) => {
      const module = convTranspose2d(given.options);
      expect(module.state['weight']?.shape).toEqual(given.weight.shape);
      checkLayer(module, given);
    },
  );
});

describe('batchNorm', () => {
  interface BatchNormCase extends LayerCase<unknown> {
    readonly mean: Stored;
    readonly variance: Stored;
    readonly inference: Stored;
    readonly newMean: Stored;
    readonly newVariance: Stored;
  }
  const cases = fixture<BatchNormCase[]>('batch-norm').map(
    (given) => [`[${given.x.shape.join(', ')}]`, given] as const,
  );

  it.each(cases)('trains %s as PyTorch does', (_name, given) => {
    const statistics = { mean: load(given.mean), variance: load(given.variance) };
    checkLayer(batchNorm({ channels: 3 }), given, statistics, true);
  });

  it.each(cases)('moves the running statistics of %s as PyTorch does', (_name, given) => {
    const state = {
      mean: load(given.mean),
      variance: load(given.variance),
      weight: load(given.weight),
      bias: load(given.bias),
    };
    const updates: Record<string, tf.Tensor> = {};
    const module = batchNorm({ channels: 3 });
    const y = module.apply(state, load(given.x), { training: true, masks: {}, updates });
    expectClose(y, given.y);
    expectClose(updates['mean'], given.newMean);
    expectClose(updates['variance'], given.newVariance);
    expectClose(module.apply(state, load(given.x), inference), given.inference);
  });
});

describe('rearrangements', () => {
  const cases =
    fixture<Record<'pixelShuffle' | 'upsampleNearest', { x: Stored; y: Stored }>>('rearrangements');

  it('pixelShuffle has the channel order of PyTorch', () => {
    const { x, y } = cases.pixelShuffle;
    expectClose(pixelShuffle(3).apply({}, load(x), inference), y, 1e-8);
  });

  it('upsampleNearest repeats pixels as PyTorch does', () => {
    const { x, y } = cases.upsampleNearest;
    expectClose(upsampleNearest(3).apply({}, load(x), inference), y, 1e-8);
  });

  it.each([
    ['pixelShuffle', pixelShuffle(2), [2, 3, 2, 8], [2, 6, 4, 2]],
    ['upsampleNearest', upsampleNearest(2), [2, 3, 2, 2], [2, 6, 4, 2]],
  ] as const)(
    '%s gives each input pixel the gradients of its copies',
    (_name, module, from, to) => {
      const x = tf.zeros([...from]);
      const size = to.reduce((product, side) => product * side, 1);
      const dy = tf.reshape(tf.range(0, size), [...to]);
      const { gradients } = valueAndGrads(
        (given) => tf.sum(tf.mul(module.apply({}, given['x'] ?? x, inference), dy)),
        { x },
      );
      // The transpose of a 0/1 matrix A is found from A applied to unit vectors: (Aᵀdy)·e = dy·(Ae).
      const gradient = gradients['x']?.dataSync() ?? [];
      for (const index of [0, 5, 11, x.size - 1]) {
        const unit = tf.reshape(tf.oneHot(tf.scalar(index, 'int32'), x.size), x.shape);
        const image = module.apply({}, tf.cast(unit, 'float32'), inference);
        expect(gradient[index]).toBe(tf.sum(tf.mul(image, dy)).dataSync()[0]);
      }
    },
  );
});

describe('activations', () => {
  interface ActivationCase {
    readonly x: Stored;
    readonly y: Stored;
    readonly dy: Stored;
    readonly dx: Stored;
    readonly weight?: Stored;
    readonly dweight?: Stored;
  }
  const cases = fixture<Record<string, ActivationCase>>('activations');
  const modules: Record<string, Module> = {
    relu: relu(),
    leakyRelu: leakyRelu(),
    sigmoid: sigmoid(),
    tanh: tanh(),
    elu: elu(),
    softplus: softplus(),
    prelu: prelu({ channels: 3 }),
  };

  it.each(Object.entries(modules))('%s agrees with PyTorch', (name, module) => {
    const given = cases[name];
    if (!given) throw new Error(`no fixture for ${name}`);
    const weight = given.weight && { weight: load(given.weight) };
    const { aux, gradients } = valueAndGrads(
      ({ x, ...state }) => {
        const y = module.apply(state, x ?? tf.scalar(0), inference);
        return { loss: tf.sum(tf.mul(y, load(given.dy))), aux: { y } };
      },
      { x: load(given.x), ...weight },
    );
    if (given.dweight) expectClose(gradients['weight'], given.dweight);
    expectClose(aux['y'], given.y);
    expectClose(gradients['x'], given.dx);
  });
});
