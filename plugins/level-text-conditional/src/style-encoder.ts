// The style encoder S: from an image to the noise that the generator would draw it from, whatever the text. With the noise of one image
// and another text, the generator draws the other thing in the image's style. Source: Reed et al. 2016, section 4.4.
import {
  elementCount,
  type LevelPlace,
  type StepProgram,
  type StepTraining,
  type Tensors,
} from '@lapyra/core';
import type { Adversaries } from '@lapyra/gan';
import {
  adam,
  asRate,
  batchNorm,
  commit,
  constant,
  conv2d,
  flatten,
  inference,
  l2,
  leakyRelu,
  linear,
  type Module,
  pick,
  scoped,
  sequential,
  type SequentialPart,
  stopGradient,
  trainable,
  valueAndGrads,
} from '@lapyra/nn';
import type * as tf from '@tensorflow/tfjs-core';
import { halvings } from './halving-discriminator.js';
import type { StyleOptions } from './options.js';

const NOISE = 'z';

/** From images [B, H, W, C] to the noise [B, length]: convolutions of stride 2 down to a map of at most 4 × 4, one linear layer. */
function styleNetwork(
  { width }: StyleOptions,
  { size, channels }: LevelPlace,
  length: number,
): Module {
  const sizes = halvings(size);
  const layers = Math.max(1, sizes.length - 1);
  const [height, wide] = sizes.at(-1)!;
  const planes = (layer: number): number => width * 2 ** (layer - 1);
  const shape = sizes.length > 1 ? { kernel: 4, stride: 2 } : { kernel: 3 };
  return sequential([
    ...Array.from({ length: layers }, (_, at): SequentialPart[] => {
      const out = planes(at + 1);
      return [
        [
          `conv${at + 1}`,
          conv2d({ in: at === 0 ? channels : planes(at), out, ...shape, bias: false }),
        ],
        [`norm${at + 1}`, batchNorm({ channels: out })],
        [`act${at + 1}`, leakyRelu(0.2)],
      ];
    }).flat(),
    ['flat', flatten()],
    ['out', linear({ in: height * wide * planes(layers), out: length })],
  ]);
}

/**
 * A training with a style encoder beside it, which learns on images that the generator draws, from their noise: the mean of (z − S(G(z,
 * text)))². It begins after a part of the steps, when there is something to invert, and the generator does not learn from it.
 */
export function withStyle(
  training: StepTraining,
  nets: Adversaries,
  options: StyleOptions,
): StepTraining {
  const { place, generator, noise } = nets;
  const length = elementCount(noise[NOISE]!.shape);
  const s = scoped('s.', styleNetwork(options, place, length));
  const g = scoped('g.', generator);
  const optimiser = adam({ beta1: 0.5 });
  const own = { ...s.state, ...optimiser.state(s.state, 'optimiser.s.') };
  const drawn = training.samplerState;
  const draw = (state: Tensors, condition: tf.Tensor, z: tf.Tensor): tf.Tensor => {
    const weights = Object.fromEntries(
      Object.entries(drawn).map(([name, from]) => [name, state[from]!]),
    );
    return g.apply(weights, { condition, [NOISE]: z }, inference); // [batch, H, W, C]
  };
  const learns: StepProgram = {
    name: 'style',
    draws: { styled: { count: options.batch, of: ['condition'] } },
    noise: { styledNoise: options.batch },
    random: {},
    scalars: ['styleRate'],
    reads: [...new Set([...Object.keys(own), ...Object.values(drawn)])],
    writes: Object.keys(own),
    outputs: ['style', 'finite'],
    run: (state, inputs) => {
      const z = inputs[`styledNoise.${NOISE}`]!; // [batch, length]
      const images = stopGradient(draw(state, inputs['styled.condition']!, z));
      const weights = pick(state, trainable(s.state));
      const { loss, gradients, aux } = valueAndGrads((current) => {
        const updates: Record<string, tf.Tensor> = {};
        const found = s.apply({ ...state, ...current }, images, {
          training: true,
          masks: {},
          updates,
        });
        return { loss: l2(found, z), aux: updates };
      }, weights);
      const given = { prefix: 'optimiser.s.', weights, gradients, state };
      const next = optimiser.update({ ...given, rate: inputs['styleRate']! });
      return commit({
        state: pick(state, own),
        next: { ...next.weights, ...next.state, ...aux },
        losses: { style: loss },
      });
    },
  };
  const all = training.programs.map(({ name }) => name);
  return {
    ...training,
    state: { ...training.state, ...own },
    programs: [...training.programs, learns],
    order: (clock) => {
      const before = training.order?.(clock) ?? all;
      return clock.step < options.from * clock.steps ? before : [...before, learns.name];
    },
    scalars: { ...training.scalars, styleRate: asRate(constant(options.rate)) },
    style: {
      name: 'style',
      reads: Object.keys(s.state),
      writes: [],
      inputs: { image: { dtype: 'float32', shape: [null, ...place.size, place.channels] } },
      outputs: { [`noise.${NOISE}`]: 'float32' },
      run: (state, { image }) => ({
        state: {},
        outputs: { [`noise.${NOISE}`]: s.apply(state, image!, inference) }, // [B, length]
      }),
    },
  };
}
