// Levels train apart, each on true coarse images. Here a chain of trained levels learns together: from noise through all
// their samplers, judged at every size by the level's own critic, in one traced program.
import {
  conditionWidth,
  type Critic,
  type Draw,
  type DrawPart,
  LapyraError,
  type Level,
  type Size,
  sizeName,
  type StateTensor,
  type StepTraining,
  type TensorProgram,
  type Tensors,
  type TensorValue,
  type TensorValues,
  type Transform,
} from '@lapyra/core';
import * as tf from '@tensorflow/tfjs-core';
import { adam } from './adam.js';
import { adversarialLosses } from './adversarial-loss.js';
import { commit } from './commit.js';
import { expectTensor } from './expect.js';
import type { StateSpec } from './module.js';
import { pick, trainable } from './optimiser.js';
import { withoutPrefix, withPrefix } from './scoped.js';
import { valueAndGrads } from './value-and-grads.js';

export interface JointLevel {
  /** Its sampler is a tensor program. */
  readonly level: Level;
  /** What it was trained to: all tensors of its training state, or of its sampler's where nothing is trained by steps. */
  readonly state: TensorValues;
}

export interface JointTrainingOptions {
  /** From coarse to fine, each on top of the one before; the last is the pyramid's. */
  readonly levels: readonly JointLevel[];
  readonly transform: Transform;
  /** Of the whole pyramid, from coarse to fine. */
  readonly sizes: readonly Size[];
  /** Images of a step: real ones, generated ones to be judged, and generated ones to learn by. */
  readonly batch: number;
  /** Adam's learning rate, β₁ = ½. */
  readonly rate: number;
}

/**
 * A chain of trained levels as one level, whose sampler runs from noise (and, if the chain does not begin at the bottom, from
 * `coarse`) to the finest image, and whose training goes on with all of them at once.
 *
 * A step: the chain draws; each critic learns to tell its level's images, on the images that the chain has drawn below, from
 * real ones on their own; then the weights of all samplers learn against the new critics, the loss of each level's image
 * reaching down through the whole chain. Levels without a critic take part with fixed weights. Running statistics stay.
 *
 * State: `<size>.sampler.<name>`, `<size>.critic.<name>`, `optimiser.…`. Recorded: `d.<size>`, `g.<size>`.
 *
 * @throws {LapyraError} `LAPYRA_FINETUNE_FROZEN` if no level has a critic; `LAPYRA_LEVEL_HOST` for a sampler on the host
 */
export function jointTraining(options: JointTrainingOptions): Level {
  const { levels, transform, sizes, batch, rate } = options;
  const parts = levels.map(jointPart);
  const judged = parts.filter(({ critic }) => critic);
  if (judged.length === 0)
    throw new LapyraError(
      'LAPYRA_FINETUNE_FROZEN',
      `joint training: expected a level with a critic, got none of ${parts.map(({ name }) => name).join(', ')}.`,
    );
  const [first, last] = [parts[0]!.level, parts.at(-1)!.level];
  const { coarse } = first.place;
  const { channels, condition, size } = last.place;
  const isConditional = conditionWidth(condition) > 0;
  const generators: StateSpec = Object.assign({}, ...parts.map(({ sampler }) => sampler));
  const critics: StateSpec = Object.assign({}, ...judged.map(({ judge }) => judge));
  const optimiser = adam({ beta1: 0.5, beta2: 0.999 });
  const state: Record<string, StateTensor> = {
    ...generators,
    ...critics,
    ...optimiser.state(generators, 'optimiser.g.'),
    ...optimiser.state(critics, 'optimiser.d.'),
  };

  /** What each level draws, and on what. */
  const draw = (current: Tensors, noise: Tensors, given: Tensors): Drawn[] => {
    const drawn: Drawn[] = [];
    let below = given['coarse'];
    for (const { name, level, program } of parts) {
      const low = below && transform.tensor.upsample(below, level.place.size); // [B, H, W, C]
      const { outputs } = program.run(withoutPrefix(`${name}.sampler.`, current), {
        ...withPrefix('noise.', withoutPrefix(`${name}.`, noise)),
        ...(below && low ? { coarse: below, low } : {}),
        ...(given['condition'] ? { condition: given['condition'] } : {}),
      });
      const output = expectTensor(program.name, outputs, level.output);
      const image = level.output === 'band' && low ? transform.tensor.join(low, output) : output;
      drawn.push({ name, image, ...(below && low ? { coarse: below, low } : {}) });
      below = image;
    }
    return drawn;
  };
  /** What the levels would have drawn of real images. */
  const views = (image: tf.Tensor): Drawn[] =>
    parts.map(({ name, level: { place } }) => {
      const at = sizes.findIndex((other) => sizeName(other) === name);
      const own = scaled(image, sizes.length - 1, at);
      if (!place.coarse) return { name, image: own };
      const below = transform.plain.chained
        ? scaled(own, at, at - 1)
        : scaled(image, sizes.length - 1, at - 1);
      return { name, image: own, coarse: below, low: transform.tensor.upsample(below, place.size) };
    });
  const scaled = (image: tf.Tensor, from: number, to: number): tf.Tensor => {
    if (from === to) return image;
    if (!transform.plain.chained) return transform.tensor.downsample(image, sizes[to]!);
    return scaled(transform.tensor.downsample(image, sizes[from - 1]!), from - 1, to);
  };
  /** The logits of each critic [B, …]. */
  const verdicts = (current: Tensors, seen: readonly Drawn[], given: Tensors): Verdict[] =>
    judged.map(({ name, critic }) => {
      const { name: _, ...images } = seen.find((one) => one.name === name)!;
      const { outputs } = critic!.program.run(withoutPrefix(`${name}.critic.`, current), {
        ...images,
        ...(given['condition'] ? { condition: given['condition'] } : {}),
      });
      const logits = expectTensor(critic!.program.name, outputs, 'logits');
      return { name, logits, loss: adversarialLosses[critic!.loss] };
    });

  const step = (current: Tensors, inputs: Tensors): ReturnType<typeof commit> => {
    const given = (name: string): Tensors => withoutPrefix(`${name}.`, inputs);
    const [real, others, learning] = [given('real'), given('others'), given('learning')];
    const fakes = draw(current, given('judgedNoise'), others);
    const truth = views(real['image']!);
    const judging = valueAndGrads(
      (weights) => {
        const state_ = { ...current, ...weights };
        const onReal = verdicts(state_, truth, real);
        const onFakes = verdicts(state_, fakes, others);
        const losses = onReal.map(({ name, logits, loss }, at) => [
          `d.${name}`,
          tf.mul(tf.add(loss.real(logits), loss.fake(onFakes[at]!.logits)), 0.5),
        ]);
        return total(Object.fromEntries(losses) as Tensors);
      },
      pick(current, trainable(critics)),
    );
    const dNext = optimiser.update({
      prefix: 'optimiser.d.',
      weights: pick(current, trainable(critics)),
      gradients: judging.gradients,
      state: current,
      rate: inputs['rate']!,
    });
    const lesson = valueAndGrads(
      (weights) => {
        const drawn = draw({ ...current, ...weights }, given('learningNoise'), learning);
        const found = verdicts({ ...current, ...dNext.weights }, drawn, learning);
        const losses = found.map(({ name, logits, loss }) => [`g.${name}`, loss.fooling(logits)]);
        return total(Object.fromEntries(losses) as Tensors);
      },
      pick(current, trainable(generators)),
    );
    const gNext = optimiser.update({
      prefix: 'optimiser.g.',
      weights: pick(current, trainable(generators)),
      gradients: lesson.gradients,
      state: current,
      rate: inputs['rate']!,
    });
    return commit({
      state: current,
      next: { ...dNext.weights, ...dNext.state, ...gNext.weights, ...gNext.state },
      losses: { ...judging.aux, ...lesson.aux },
    });
  };

  const conditions: readonly DrawPart[] = isConditional ? ['condition'] : [];
  const below: Draw = {
    count: batch,
    of: [...(coarse ? (['coarse'] as const) : []), ...conditions],
    ...(coarse ? { mayBeGenerated: true } : {}),
  };
  const noise = Object.assign(
    {},
    ...parts.map(({ name, level }) => withPrefix(`${name}.`, level.noise)),
  ) as Level['noise'];
  const hasNoise = Object.keys(noise).length > 0;
  const writes = Object.keys(state).filter((name) => state[name]!.role !== 'frozen');
  const training: StepTraining = {
    kind: 'steps',
    state,
    programs: [
      {
        name: 'joint',
        draws: {
          real: { count: batch, of: ['image', ...conditions] },
          ...(below.of.length > 0 ? { others: below, learning: below } : {}),
        },
        noise: hasNoise ? { judgedNoise: batch, learningNoise: batch } : {},
        random: {},
        scalars: ['rate'],
        reads: Object.keys(state),
        writes,
        outputs: [...judged.flatMap(({ name }) => [`d.${name}`, `g.${name}`]), 'finite'],
        run: step,
      },
    ],
    scalars: { rate: { at: () => rate, isRate: true } },
    samplerState: Object.fromEntries(Object.keys(generators).map((name) => [name, name])),
    score: 'sliced-wasserstein',
  };
  const sampler: TensorProgram = {
    name: 'chain',
    reads: Object.keys(generators),
    writes: [],
    inputs: {
      ...(coarse ? { coarse: { dtype: 'float32', shape: [null, ...coarse, channels] } } : {}),
      ...(isConditional
        ? { condition: { dtype: 'float32', shape: [null, conditionWidth(condition)] } }
        : {}),
      ...Object.fromEntries(
        Object.entries(noise).map(([name, { shape }]) => [
          `noise.${name}`,
          { dtype: 'float32', shape: [null, ...shape] } as const,
        ]),
      ),
    },
    outputs: { image: 'float32' },
    run: (current, inputs) => ({
      state: {},
      outputs: { image: draw(current, withoutPrefix('noise.', inputs), inputs).at(-1)!.image },
    }),
  };
  return { place: { ...last.place, size, coarse }, noise, output: 'image', sampler, training };
}

/**
 * The states of the levels after joint training: what was tuned in the place of what it was tuned from, averages and the
 * weights that they are of alike.
 *
 * @param levels as they were given to {@link jointTraining}
 * @param tuned the joint training's state
 */
export function tunedStates(
  levels: readonly JointLevel[],
  tuned: TensorValues,
): readonly TensorValues[] {
  return levels.map(({ level, state }) => {
    const { training } = level;
    if (training?.kind !== 'steps' || !training.critic) return state;
    const name = sizeName(level.place.size);
    const next: Record<string, TensorValue> = { ...state };
    for (const [own, source] of Object.entries(training.samplerState)) {
      const value = tuned[`${name}.sampler.${own}`];
      if (!value) continue;
      next[source] = value;
      const tensor = training.state[source];
      if (tensor?.role === 'average' && 'copy' in tensor.initial) next[tensor.initial.copy] = value;
    }
    for (const own of training.critic.program.reads) {
      const value = tuned[`${name}.critic.${own}`];
      if (value) next[own] = value;
    }
    return next;
  });
}

interface Drawn {
  readonly name: string;
  readonly image: tf.Tensor;
  readonly coarse?: tf.Tensor;
  readonly low?: tf.Tensor;
}

interface Verdict {
  readonly name: string;
  readonly logits: tf.Tensor;
  readonly loss: (typeof adversarialLosses)['hinge'];
}

interface JointPart {
  readonly name: string;
  readonly level: Level;
  readonly program: TensorProgram;
  /** By full names, as {@link jointPart.judge}. */
  readonly sampler: StateSpec;
  readonly critic: Critic | null;
  readonly judge: StateSpec;
}

/** A level's part of the joint state: weights where it learns, frozen where it does not. */
function jointPart({ level, state }: JointLevel): JointPart {
  const { sampler, training } = level;
  const name = sizeName(level.place.size);
  if ('kind' in sampler)
    throw new LapyraError(
      'LAPYRA_LEVEL_HOST',
      `level ${name}: expected a tensor program, got a sampler that runs on the host.`,
    );
  const steps = training?.kind === 'steps' ? training : null;
  const critic = steps?.critic ?? null;
  const spec = (source: string, learns: boolean): StateTensor => {
    const { shape, dtype, data } = expectValue(state, source, name);
    const role = steps?.state[source]?.role;
    const isWeight = learns && dtype === 'float32' && (role === 'weight' || role === 'average');
    return { shape, dtype, role: isWeight ? 'weight' : 'frozen', initial: { values: data } };
  };
  const named = (prefix: string, sources: readonly (readonly [string, string])[]): StateSpec =>
    Object.fromEntries(
      sources.map(([own, source]) => [`${name}.${prefix}.${own}`, spec(source, critic !== null)]),
    );
  return {
    name,
    level,
    program: sampler,
    critic,
    sampler: named(
      'sampler',
      sampler.reads.map((own) => [own, steps?.samplerState[own] ?? own]),
    ),
    judge: named('critic', critic?.program.reads.map((own) => [own, own] as const) ?? []),
  };
}

function expectValue(state: TensorValues, source: string, level: string): TensorValue {
  const value = state[source];
  if (value) return value;
  throw new LapyraError(
    'LAPYRA_SAMPLE_STATE',
    `level ${level}: expected a trained state with '${source}', got one without.`,
  );
}

/** The sum of some losses, and each of them. */
function total(losses: Tensors): { readonly loss: tf.Tensor; readonly aux: Tensors } {
  return { loss: Object.values(losses).reduce((sum, part) => tf.add(sum, part)), aux: losses };
}
