// How much of what an image shows a straight line can read off a description of it: softmax regression on vectors.
import {
  type Engine,
  initialState,
  randomStream,
  type StateTensor,
  type TensorProgram,
} from '@lapyra/core';

/** Vectors [n, width], row by row, and their classes [n]. */
export interface LabelledVectors {
  readonly vectors: Float32Array;
  readonly labels: readonly number[];
}

export interface LinearClassification {
  /** Part of the test vectors that is told right, in [0, 1]. */
  readonly accuracy: number;
  /** The decay that was chosen. */
  readonly decay: number;
}

/** Decays of the weights to choose from, as AdamW has them. */
const DECAYS = [0.01, 0.3, 3, 10] as const;
const BATCH = 200;
/** Each vector is seen so often, and more often where that would be fewer steps. */
const EPOCHS = 12;
const STEPS = 500;
const RATE = 3e-3;

/**
 * Train a linear classifier with softmax by AdamW and measure it on other vectors. Each number is first brought to mean 0
 * and deviation 1 over the training vectors. How strongly weights decay is chosen by a tenth of the training vectors,
 * which is then learnt from, too.
 *
 * @param seed of the order in which vectors are learnt
 */
export async function classifyLinearly(
  engine: Engine,
  train: LabelledVectors,
  test: LabelledVectors,
  classes: number,
  seed: number,
): Promise<LinearClassification> {
  const width = train.vectors.length / train.labels.length;
  const scaled = standardiser(train.vectors, width);
  const [learnt, asked] = [scaled(train), scaled(test)];
  const order = shuffled(learnt.labels.length, seed, 0);
  const tenth = Math.max(1, Math.floor(order.length / 10));
  const [kept, aside] = [rows(learnt, order.slice(tenth)), rows(learnt, order.slice(0, tenth))];
  let best = { accuracy: -1, decay: DECAYS[0] as number };
  for (const decay of DECAYS) {
    const accuracy = accuracyOf(await fit(engine, kept, classes, decay, seed), aside, classes);
    if (accuracy > best.accuracy) best = { accuracy, decay };
  }
  const { decay } = best;
  const weights = await fit(engine, learnt, classes, decay, seed);
  return { accuracy: accuracyOf(weights, asked, classes), decay };
}

interface Weights {
  /** [width, classes]. */
  readonly weight: ArrayLike<number>;
  readonly bias: ArrayLike<number>;
}

async function fit(
  engine: Engine,
  { vectors, labels }: LabelledVectors,
  classes: number,
  decay: number,
  seed: number,
): Promise<Weights> {
  const nn = await import('@lapyra/nn'); // all of tfjs: not for the sake of lapyra status
  const { adam, commit, crossEntropy, inference, linear, linearDecay } = nn;
  const { pick, trainable, valueAndGrads, zeros } = nn;
  const count = labels.length;
  const width = vectors.length / count;
  const batch = Math.min(BATCH, count);
  const net = linear({ in: width, out: classes, initial: { weight: zeros, bias: zeros } });
  const optimiser = adam({ weightDecay: decay });
  const spec: Record<string, StateTensor> = {
    ...net.state,
    ...optimiser.state(net.state, 'adam.'),
  };
  const program: TensorProgram = {
    name: 'linear classifier',
    reads: Object.keys(spec),
    writes: Object.keys(spec),
    inputs: {
      vectors: { dtype: 'float32', shape: [batch, width] },
      targets: { dtype: 'float32', shape: [batch, classes] },
      rate: { dtype: 'float32', shape: [] },
    },
    outputs: { loss: 'float32', finite: 'float32' },
    run: (state, inputs) => {
      const weights = pick(state, trainable(net.state));
      const { loss, gradients } = valueAndGrads(
        (given) =>
          crossEntropy(net.apply(given, inputs['vectors']!, inference), inputs['targets']!),
        weights,
      );
      const step = { prefix: 'adam.', weights, gradients, state, rate: inputs['rate']! };
      const next = optimiser.update(step);
      return commit({ state, next: { ...next.weights, ...next.state }, losses: { loss } });
    },
  };
  const state = await engine.open(initialState(spec, seed, program.name));
  try {
    const compiled = await state.compile(program);
    const perEpoch = Math.floor(count / batch);
    const steps = Math.max(STEPS, EPOCHS * perEpoch);
    const rate = linearDecay({ from: RATE, to: 0 });
    let order: readonly number[] = [];
    for (let step = 0; step < steps; step += 1) {
      const at = step % perEpoch;
      if (at === 0) order = shuffled(count, seed, 1 + step / perEpoch);
      const chosen = rows({ vectors, labels }, order.slice(at * batch, (at + 1) * batch));
      const value = rate.at({ step, steps, images: count });
      await compiled.run(
        {
          vectors: { dtype: 'float32', shape: [batch, width], data: chosen.vectors },
          targets: {
            dtype: 'float32',
            shape: [batch, classes],
            data: oneHot(chosen.labels, classes),
          },
          rate: { dtype: 'float32', shape: [], data: Float32Array.of(value) },
        },
        { read: [] },
      );
    }
    const { weight, bias } = await state.read(['weight', 'bias']);
    return { weight: weight!.data, bias: bias!.data };
  } finally {
    await state.dispose();
  }
}

function accuracyOf({ weight, bias }: Weights, asked: LabelledVectors, classes: number): number {
  const { vectors, labels } = asked;
  const width = vectors.length / labels.length;
  let right = 0;
  labels.forEach((label, at) => {
    const scores = Float64Array.from(bias);
    for (let i = 0; i < width; i += 1) {
      const value = vectors[at * width + i] as number;
      for (let c = 0; c < classes; c += 1)
        scores[c] = (scores[c] as number) + value * (weight[i * classes + c] as number);
    }
    if (scores.indexOf(Math.max(...scores)) === label) right += 1;
  });
  return right / labels.length;
}

/** Brings vectors to the mean 0 and the deviation 1 that these have; a number that never changes becomes 0. */
function standardiser(
  vectors: Float32Array,
  width: number,
): (of: LabelledVectors) => LabelledVectors {
  const count = vectors.length / width;
  const mean = new Float64Array(width);
  const square = new Float64Array(width);
  vectors.forEach((value, at) => (mean[at % width]! += value / count));
  vectors.forEach((value, at) => (square[at % width]! += (value - mean[at % width]!) ** 2 / count));
  const factor = square.map((variance) => (variance > 1e-12 ? 1 / Math.sqrt(variance) : 0));
  return ({ vectors: raw, labels }) => ({
    vectors: raw.map((value, at) => (value - mean[at % width]!) * factor[at % width]!),
    labels,
  });
}

function rows({ vectors, labels }: LabelledVectors, indices: readonly number[]): LabelledVectors {
  const width = vectors.length / labels.length;
  const chosen = new Float32Array(indices.length * width);
  indices.forEach((from, to) =>
    chosen.set(vectors.subarray(from * width, (from + 1) * width), to * width),
  );
  return { vectors: chosen, labels: indices.map((index) => labels[index]!) };
}

function shuffled(count: number, seed: number, epoch: number): readonly number[] {
  const keys = randomStream(seed, 'linear classifier', epoch).uniform(count);
  return Array.from(keys.keys()).sort((a, b) => keys[a]! - keys[b]!);
}

function oneHot(labels: readonly number[], classes: number): Float32Array {
  const targets = new Float32Array(labels.length * classes);
  labels.forEach((label, at) => (targets[at * classes + label] = 1));
  return targets;
}
