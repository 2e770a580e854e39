// Ordinary tfjs training code on the lazy backend, against the same code on tfjs's cpu backend.
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { afterEach, describe, expect, test } from 'vitest';
import { expectClose, seeded } from './support/compare-with-cpu.js';
import { lazyMemory, startLazyBackend } from './support/lazy-backend.js';

afterEach(() => {
  tf.disposeVariables();
  tf.removeBackend('onnxruntime');
});

const X = seeded([64, 3], 1).data as Float32Array;
const W = seeded([3, 2], 2).data as Float32Array;

/** Ten steps of least squares; the losses, and the weights in the end. */
async function train(optimizer: tf.Optimizer): Promise<number[]> {
  const x = tf.tensor(X, [64, 3]);
  const y = tf.tanh(tf.matMul(x, tf.tensor(W, [3, 2])));
  const [weight, bias] = [tf.variable(tf.ones([3, 2])), tf.variable(tf.zeros([2]))];
  const losses: number[] = [];
  for (let i = 0; i < 10; i++) {
    const loss = optimizer.minimize(
      () =>
        tf.mean(tf.squaredDifference(tf.tanh(tf.add(tf.matMul(x, weight), bias)), y)) as tf.Scalar,
      true,
    );
    losses.push(...(await loss!.data()));
    tf.dispose(loss!);
  }
  const end = [...losses, ...(await weight.data()), ...(await bias.data())];
  tf.dispose([x, y, weight, bias]);
  optimizer.dispose();
  return end;
}

describe('optimisers', () => {
  const cases: readonly [string, () => tf.Optimizer][] = [
    ['sgd', () => tf.train.sgd(0.1)],
    ['momentum', () => tf.train.momentum(0.1, 0.9)],
    ['rmsprop', () => tf.train.rmsprop(0.01, 0.9, 0.1, undefined, true)],
    ['adagrad', () => tf.train.adagrad(0.1)],
    ['adadelta', () => tf.train.adadelta(0.5)],
    ['adam', () => tf.train.adam(0.05)],
    ['adamax', () => tf.train.adamax(0.05)],
  ];
  test.each(cases)('%s learns as on the cpu backend', async (_name, make) => {
    await tf.setBackend('cpu');
    const want = await train(make());
    expect(want[9]).toBeLessThan(want[0]!);
    await startLazyBackend();
    expectClose('losses and weights', await train(make()), want, 2e-5);
  });

  test('compile nothing anew for another learning rate', async () => {
    const calls = await startLazyBackend();
    const optimizer = tf.train.sgd(0.1);
    const w = tf.variable(tf.scalar(1));
    const step = (): Promise<unknown> => {
      optimizer.minimize(() => tf.square(w) as tf.Scalar);
      return w.data();
    };
    await step();
    expect(w.dataSync()[0]).toBeCloseTo(0.8);
    const { compiled } = calls;
    optimizer.setLearningRate(0.25);
    await step();
    expect(w.dataSync()[0]).toBeCloseTo(0.4);
    expect(calls.compiled).toBe(compiled);
  });
});

describe('many steps', () => {
  /** A step with dropout on a small net; nothing is read. */
  const makeStep = (): (() => void) => {
    const optimizer = tf.train.momentum(0.01, 0.9);
    const x = tf.tensor(X, [64, 3]);
    const weight = tf.variable(tf.tensor(W, [3, 2]));
    return () => {
      const loss = (): tf.Scalar =>
        tf.mean(tf.square(tf.dropout(tf.relu(tf.matMul(x, weight)), 0.5)));
      optimizer.minimize(loss);
    };
  };

  test.each([
    [1000, true],
    [200, false],
  ])('hold no more than few do (%i steps, runs in order: %s)', async (steps, chained) => {
    const elsewhere = tf.memory().numBytes; // of the cpu backend
    const calls = await startLazyBackend({ chained });
    const step = makeStep();
    const count = (): Record<string, number> => {
      const { numTensors, numDataBuffers, numBytes, numBytesHeld, numPendingOperations } =
        lazyMemory();
      const numDataIds = tf.backend().numDataIds();
      return {
        numTensors,
        numDataBuffers,
        numBytes,
        numBytesHeld,
        numPendingOperations,
        numDataIds,
      };
    };
    const run = async (times: number): Promise<void> => {
      for (let i = 0; i < times; i++) {
        step();
        await tf.nextFrame();
      }
      await tf
        .engine()
        .registeredVariables[Object.keys(tf.engine().registeredVariables)[0]!]!.data();
    };
    await run(50);
    const [before, compiled] = [count(), calls.compiled];
    expect(before['numBytesHeld']).toBe(before['numBytes']! - elsewhere);
    await run(steps);
    expect(count()).toEqual(before);
    // The random numbers of dropout are inputs, too.
    expect(calls.compiled - compiled).toBeLessThan(3);
    expect(calls.runs).toBeLessThan(steps / 2);
  });

  test('keep up with code that pauses seldom, as model.fit does', async () => {
    await startLazyBackend();
    const step = makeStep();
    const waiting: number[] = [];
    for (let i = 0; i < 600; i++) {
      step();
      await Promise.resolve();
      if (i % 30 !== 29) continue;
      await tf.nextFrame();
      waiting.push(lazyMemory().numPendingOperations);
    }
    // Once all is compiled, no more waits than what is recorded before the next batch begins.
    expect(Math.max(...waiting.slice(10))).toBeLessThan(600);
  });

  test('without a pause are refused when too many wait, and go on afterwards', async () => {
    await startLazyBackend({ maxPending: 1000 });
    const step = makeStep();
    const tooMany = (): void => {
      for (let i = 0; i < 100; i++) step();
    };
    expect(tooMany).toThrow(
      expect.objectContaining({
        code: 'TFJS_ONNX_PENDING',
        message: expect.stringMatching(
          /^".+": expected at most 1000 operations that wait to be computed, got more\.$/,
        ) as string,
        hint: expect.stringContaining('await data() of a result') as string,
      }) as Error,
    );
    for (const name of Object.keys(tf.engine().registeredVariables))
      await tf.engine().registeredVariables[name]!.data();
    step();
    expect([...(await tf.add(tf.tensor([1]), 1).data())]).toEqual([2]);
  });

  test('that only compute what is thrown away never are too many', async () => {
    await startLazyBackend({ maxPending: 1000 });
    const x = tf.tensor([1]);
    for (let i = 0; i < 1500; i++) tf.dispose(tf.exp(x));
    expect([...(await tf.neg(x).data())]).toEqual([-1]);
  });
});

describe('tfjs-layers', () => {
  interface Fitted {
    readonly loss: number[];
    readonly accuracy: number[];
    readonly predicted: ArrayLike<number>;
  }

  async function fit(): Promise<Fitted> {
    const initial = (seed: number): ReturnType<typeof tfl.initializers.glorotUniform> =>
      tfl.initializers.glorotUniform({ seed });
    const model = tfl.sequential({
      layers: [
        tfl.layers.conv2d({
          inputShape: [6, 6, 1],
          filters: 4,
          kernelSize: 3,
          activation: 'relu',
          kernelInitializer: initial(1),
        }),
        tfl.layers.batchNormalization(),
        tfl.layers.maxPooling2d({ poolSize: 2 }),
        tfl.layers.flatten(),
        tfl.layers.dense({ units: 3, activation: 'softmax', kernelInitializer: initial(2) }),
      ],
    });
    model.compile({
      optimizer: tf.train.adam(0.02),
      loss: 'categoricalCrossentropy',
      metrics: ['accuracy'],
    });
    const x = tf.tensor(seeded([48, 36], 3).data, [48, 6, 6, 1]);
    const y = tf.oneHot(tf.argMax(tf.slice(tf.reshape(x, [48, 36]), [0, 0], [48, 3]), 1), 3);
    const { history } = await model.fit(x, y, {
      epochs: 6,
      batchSize: 8,
      shuffle: false,
      verbose: 0,
    });
    const predictions = model.predict(x) as tf.Tensor;
    const predicted = await predictions.data();
    tf.dispose([x, y, predictions]);
    model.dispose();
    return {
      loss: history['loss'] as number[],
      accuracy: history['acc'] as number[],
      predicted,
    };
  }

  test('model.fit gives the numbers of the cpu backend', async () => {
    await tf.setBackend('cpu');
    const want = await fit();
    const calls = await startLazyBackend();
    const got = await fit();
    expectClose('loss', got.loss, want.loss, 1e-4);
    expect(got.loss.at(-1)).toBeLessThan(0.5 * got.loss[0]!);
    expectClose('accuracy', got.accuracy, want.accuracy, 1e-6);
    expectClose('predictions', got.predicted, want.predicted, 1e-3);
    // 36 steps of training: batches of an epoch are one structure.
    expect(calls.compiled).toBeLessThan(12);
  });
});
