// How a generator and a discriminator learn against each other, for first and refining levels alike: one traced program
// a step, as in the authors' loop (github.com/facebook/eyescream, cifar/train/*.lua). The discriminator learns from real
// and generated images in one batch; then the generator learns, against the discriminator just updated, from fresh noise.
import type {
  DrawPart,
  NoiseSpec,
  RandomInput,
  StateTensor,
  StepTraining,
  TensorProgram,
  Tensors,
} from '@lapyra/core';
import {
  averageState,
  averageWeights,
  bceWithLogits,
  commit,
  inference,
  l2,
  type Module,
  type ModuleContext,
  pick,
  scoped,
  trainable,
  valueAndGrads,
  withoutPrefix,
  withPrefix,
} from '@lapyra/nn';
import * as tf from '@tensorflow/tfjs-core';
import { levelOptimiser } from './optimisers.js';
import type { TrainingOptions } from './training-options.js';

/** Two networks and how the generator's input is made. */
export interface Adversaries {
  /** From the generator's input to a band [B, H, W, C], or to an image where there is nothing below. */
  readonly generator: Module;
  /** From an image [B, H, W, C] to logits [B, 1]: above 0 for real. */
  readonly discriminator: Module;
  readonly noise: NoiseSpec;
  /** Whether there is an image below: the generator then draws a band, and is given `low`. */
  readonly refines: boolean;
  /** @param inputs the noise by name and, for a refining level, `low` */
  input(inputs: Tensors): tf.Tensor;
}

/** The sampler: the generator with running statistics. Its state has the generator's names behind `g.`. */
export function adversarialSampler(
  name: string,
  nets: Adversaries,
  low: readonly number[] | null,
): TensorProgram {
  const generator = scoped('g.', nets.generator);
  const output = nets.refines ? 'band' : 'image';
  return {
    name,
    reads: Object.keys(generator.state),
    writes: [],
    inputs: {
      ...(low ? { low: { dtype: 'float32', shape: [null, ...low] } } : {}),
      ...Object.fromEntries(
        Object.entries(nets.noise).map(([key, { shape }]) => [
          `noise.${key}`,
          { dtype: 'float32', shape: [null, ...shape] },
        ]),
      ),
    },
    outputs: { [output]: 'float32' },
    run: (state, inputs) => {
      const given = {
        ...withoutPrefix('noise.', inputs),
        ...(inputs['low'] ? { low: inputs['low'] } : {}),
      };
      return {
        state: {},
        outputs: { [output]: generator.apply(state, nets.input(given), inference) },
      };
    },
  };
}

/**
 * Train two networks against each other with the non-saturating loss (Goodfellow et al. 2014): the discriminator's is
 * the binary cross-entropy over real and generated images, the generator's that of its images taken for real, plus
 * `pixelLoss` times the mean squared error of its band.
 */
export function adversarialTraining(
  nets: Adversaries,
  options: TrainingOptions & { readonly pixelLoss: number },
): StepTraining {
  const { batch, average, pixelLoss } = options;
  const g = scoped('g.', nets.generator);
  const d = scoped('d.', nets.discriminator);
  const optimiser = levelOptimiser(options);
  const state: Record<string, StateTensor> = {
    ...g.state,
    ...d.state,
    ...optimiser.state(g.state, 'optimiser.g.'),
    ...optimiser.state(d.state, 'optimiser.d.'),
    ...(average > 0 ? averageState(g.state, 'average.') : {}),
  };
  const below: DrawPart[] = nets.refines ? ['low'] : [];
  const truth: DrawPart[] = pixelLoss > 0 ? ['band'] : [];
  const judged = batch.real + batch.generated;
  const random: Record<string, RandomInput> = {
    ...withPrefix('judging.', d.masks(judged)),
    ...withPrefix('fooling.', d.masks(batch.generator)),
    ...withPrefix('judged.', g.masks(batch.generated)),
    ...withPrefix('learning.', g.masks(batch.generator)),
  };

  /** What the generator makes of one draw of noise and, for a refining level, of images. */
  const generate = (
    weights: Tensors,
    inputs: Tensors,
    noise: string,
    draw: string,
    context: ModuleContext,
  ): { drawn: tf.Tensor; image: tf.Tensor } => {
    const low = inputs[`${draw}.low`];
    const given = withoutPrefix(`${noise}.`, inputs);
    const drawn = g.apply(weights, nets.input(low ? { ...given, low } : given), context); // [B, H, W, C]
    return { drawn, image: low ? tf.add(low, drawn) : drawn };
  };

  const step = (current: Tensors, inputs: Tensors): ReturnType<typeof commit> => {
    const fakes = generate(current, inputs, 'judgedNoise', 'others', {
      training: true,
      masks: withoutPrefix('judged.', inputs),
      updates: null,
    });
    const images = tf.concat([inputs['real.image']!, fakes.image], 0); // [real + generated, H, W, C]
    const judging = valueAndGrads(
      (weights) => {
        const logits = d.apply({ ...current, ...weights }, images, {
          training: true,
          masks: withoutPrefix('judging.', inputs),
          updates: null,
        }); // [real + generated, 1]
        const [real, fake] = tf.split(logits, [batch.real, batch.generated], 0);
        return tf.add(
          tf.mul(bceWithLogits(real!, 1), batch.real / judged),
          tf.mul(bceWithLogits(fake!, 0), batch.generated / judged),
        );
      },
      pick(current, trainable(d.state)),
    );
    const dNext = optimiser.update('optimiser.d.', {
      weights: pick(current, trainable(d.state)),
      gradients: judging.gradients,
      state: current,
      inputs,
    });

    const learning = valueAndGrads(
      (weights) => {
        const updates: Record<string, tf.Tensor> = {};
        const { drawn, image } = generate(
          { ...current, ...weights },
          inputs,
          'learningNoise',
          'learning',
          {
            training: true,
            masks: withoutPrefix('learning.', inputs),
            updates,
          },
        );
        const logits = d.apply({ ...current, ...dNext.weights }, image, {
          training: true,
          masks: withoutPrefix('fooling.', inputs),
          updates: null,
        }); // [generator, 1]
        const fooling = bceWithLogits(logits, 1);
        if (pixelLoss === 0) return { loss: fooling, aux: { ...updates, fooling } };
        const pixel = l2(drawn, inputs['learning.band']!);
        return {
          loss: tf.add(fooling, tf.mul(pixel, pixelLoss)),
          aux: { ...updates, fooling, pixel },
        };
      },
      pick(current, trainable(g.state)),
    );
    const gNext = optimiser.update('optimiser.g.', {
      weights: pick(current, trainable(g.state)),
      gradients: learning.gradients,
      state: current,
      inputs,
    });
    const { fooling, pixel, ...statistics } = learning.aux;
    return commit({
      state: current,
      next: {
        ...dNext.weights,
        ...dNext.state,
        ...gNext.weights,
        ...gNext.state,
        ...statistics,
        ...(average > 0 ? averageWeights(current, gNext.weights, average, 'average.') : {}),
      },
      losses: { d: judging.loss, g: fooling!, ...(pixel ? { pixel } : {}) },
    });
  };

  const names = Object.keys(state);
  return {
    kind: 'steps',
    state,
    programs: [
      {
        name: 'step',
        draws: {
          real: { count: batch.real, of: ['image'] },
          // Generated images stand on other images than the real ones beside them.
          ...(nets.refines
            ? {
                others: { count: batch.generated, of: below },
                learning: { count: batch.generator, of: [...below, ...truth] },
              }
            : {}),
        },
        noise: { judgedNoise: batch.generated, learningNoise: batch.generator },
        random,
        scalars: Object.keys(optimiser.scalars),
        reads: names,
        writes: names,
        outputs: ['d', 'g', ...(pixelLoss > 0 ? ['pixel'] : []), 'finite'],
        run: step,
      },
    ],
    scalars: optimiser.scalars,
    samplerState: Object.fromEntries(
      Object.entries(g.state).map(([name, { role }]) => [
        name,
        role === 'weight' && average > 0 ? `average.${name}` : name,
      ]),
    ),
  };
}
