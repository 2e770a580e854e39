// What happens inside of a step: the generator draws, the discriminator judges, and each learns from that. What a pass
// is given is told apart by prefix: draws `real.`, `others.` (for generated images to be judged), `learning.`, `wrong.`,
// `from.` and `to.` (between whose conditions others lie); noise `judgedNoise.`, `learningNoise.`; masks `judging.`,
// `fooling.`, `judged.`, `learning.`; random changes `judgingChange.`, `foolingChange.`.
import type { Draw, DrawPart, RandomInput, Resample, Tensors } from '@lapyra/core';
import {
  adversarialLosses,
  type ModuleOf,
  pick,
  scoped,
  selectRows,
  stopGradient,
  trainable,
  type ValueAndGrads,
  valueAndGrads,
  withoutPrefix,
  withPrefix,
} from '@lapyra/nn';
import * as tf from '@tensorflow/tfjs-core';
import type { AdversarialOptions } from './adversarial-options.js';
import type { Adversaries } from './adversaries.js';
import type { DrawnImages, GeneratorTerm } from './generator-term.js';

/** What a program that makes some passes has to declare. */
export interface PassInputs {
  readonly draws: Readonly<Record<string, Draw>>;
  readonly noise: Readonly<Record<string, number>>;
  readonly random: Readonly<Record<string, RandomInput>>;
}

export interface Passes {
  /** What {@link Passes.judging} and {@link Passes.learning} need for a step of the game; without an opponent `null`. */
  readonly game: { readonly judging: PassInputs; readonly learning: PassInputs } | null;
  /** What {@link Passes.learning} needs without an opponent. */
  readonly alone: PassInputs;
  /**
   * The discriminator's loss and gradients; `aux` has its new statistics by name, and what `real` images cost it and
   * `others`, shape [] each.
   */
  judging(state: Tensors, inputs: Tensors): ValueAndGrads;
  /**
   * The generator's loss and gradients; `aux` has the losses by name (`g`, and those of the terms) and, behind `state.`,
   * its new statistics.
   *
   * @param opponent the discriminator's state; `null`: the generator learns from its terms alone
   */
  learning(
    state: Tensors,
    inputs: Tensors,
    opponent: Tensors | null,
    resample: Resample,
  ): ValueAndGrads;
}

/** In the place of a discriminator where there is none. */
const NOBODY: ModuleOf<Tensors> = {
  state: {},
  masks: () => ({}),
  apply: () => {
    throw new TypeError('nobody judges');
  },
};

type Updates = Record<string, tf.Tensor>;

/** Images that the generator drew, and on what. */
interface Generated extends DrawnImages {
  /** What else the discriminator is given with them. */
  readonly given: Tensors;
}

export function adversarialPasses(nets: Adversaries, options: AdversarialOptions): Passes {
  const { batch, adversarial = 1, terms = [], wrongPairs = 0 } = options;
  const { interpolation = null, augmentation = null, apart = false } = options;
  const { output } = nets;
  const loss = adversarialLosses[options.loss];
  const g: ModuleOf<Tensors> = scoped('g.', nets.generator);
  const d: ModuleOf<Tensors> = scoped('d.', nets.discriminator ?? NOBODY);
  const judges = nets.discriminator?.wants ?? [];
  const wrong = wrongPairs > 0 ? batch.real : 0;
  const between = interpolation?.count ?? 0;
  const judged = batch.real + batch.generated + wrong;
  const fooled = batch.generator + between;

  const generate = (
    weights: Tensors,
    pass: 'judged' | 'learning',
    inputs: Tensors,
    given: Tensors,
    updates: Updates | null,
  ): Generated => {
    const drawn = g.apply(
      weights,
      { ...withoutPrefix(`${pass}Noise.`, inputs), ...given },
      { training: true, masks: withoutPrefix(`${pass}.`, inputs), updates },
    ); // [B, H, W, C]
    const low = given['low'] ?? null;
    const image = output === 'band' && low ? tf.add(low, drawn) : drawn;
    return { output: drawn, image, low, given };
  };

  const judge = (
    weights: Tensors,
    pass: 'judging' | 'fooling',
    inputs: Tensors,
    seen: Tensors,
    updates: Updates | null,
  ): tf.Tensor => {
    const change = withoutPrefix(`${pass}Change.`, inputs);
    const image = augmentation ? augmentation.apply(seen['image']!, change) : seen['image']!;
    const masks = withoutPrefix(`${pass}.`, inputs);
    return d.apply(weights, { ...seen, image }, { training: true, masks, updates }); // [B, 1]
  };

  const judging = (state: Tensors, inputs: Tensors): ValueAndGrads => {
    const fakes = generate(state, 'judged', inputs, withoutPrefix('others.', inputs), null);
    const genuine = withoutPrefix('real.', inputs);
    const shown: Tensors[] = [genuine, { ...fakes.given, image: fakes.image }];
    if (wrong > 0) shown.push({ ...genuine, condition: inputs['wrong.condition']! });
    const counts = [batch.real, batch.generated, ...(wrong > 0 ? [wrong] : [])];
    const names = ['image', ...judges];
    /** The logits of each, in one pass, or in passes of their own with their own rows of masks and random numbers. */
    const each = (weights: Tensors, updates: Updates): tf.Tensor[] => {
      if (!apart)
        return tf.split(
          judge(weights, 'judging', inputs, joined(shown, names), updates),
          counts,
          0,
        );
      let first = 0;
      return shown.map((one, at) => {
        const rows = { first, count: counts[at]! };
        first += rows.count;
        const own = Object.fromEntries(
          Object.entries(inputs)
            .filter(([name]) => /^judging(Change)?\./.test(name))
            .map(([name, x]) => [name, tf.slice(x, [rows.first], [rows.count])]),
        );
        return judge(weights, 'judging', own, one, at === 0 ? updates : null);
      });
    };
    return valueAndGrads(
      (weights) => {
        const updates: Updates = {};
        const [trueOnes, fakeOnes, wrongOnes] = each({ ...state, ...weights }, updates);
        const found = wrongOnes
          ? tf.add(
              tf.mul(loss.fake(fakeOnes!), 1 - wrongPairs),
              tf.mul(loss.fake(wrongOnes), wrongPairs),
            )
          : loss.fake(fakeOnes!);
        const both = batch.real + batch.generated;
        const real = loss.real(trueOnes!);
        return {
          loss: tf.add(tf.mul(real, batch.real / both), tf.mul(found, batch.generated / both)),
          aux: { ...updates, real, others: found },
        };
      },
      pick(state, trainable(d.state)),
    );
  };

  /** What the generator draws on while it learns: images below, and conditions, some of them between two others. */
  const lesson = (inputs: Tensors, mixes: boolean): Tensors => {
    const own = withoutPrefix('learning.', inputs);
    if (!mixes || !interpolation) return own;
    const to = withoutPrefix('to.', inputs);
    const condition = tf.add(
      tf.mul(inputs['from.condition']!, interpolation.share),
      tf.mul(to['condition']!, 1 - interpolation.share),
    );
    return joined([own, { ...to, condition }], below);
  };

  const learning: Passes['learning'] = (state, inputs, opponent, resample) => {
    const mixes = opponent !== null && between > 0;
    const given = lesson(inputs, mixes);
    const own = withoutPrefix('learning.', inputs);
    return valueAndGrads(
      (weights) => {
        const updates: Updates = {};
        const drawn = generate({ ...state, ...weights }, 'learning', inputs, given, updates);
        const aux: Record<string, tf.Tensor> = withPrefix('state.', updates);
        const parts: tf.Tensor[] = [];
        if (opponent) {
          const seen = { ...drawn.given, image: drawn.image };
          const logits = judge({ ...state, ...opponent }, 'fooling', inputs, seen, null);
          const [asked, mixed] = mixes ? tf.split(logits, [batch.generator, between], 0) : [logits];
          aux['g'] = loss.fooling(asked!);
          parts.push(tf.mul(aux['g'], adversarial));
          if (mixed && interpolation)
            parts.push(tf.mul(loss.fooling(mixed), adversarial * interpolation.weight));
        }
        const asked = mixes ? firstOf(drawn, batch.generator) : drawn;
        const truth = own['paired'] ? pairedTruth(own, asked, output) : own;
        for (const term of terms) {
          const frozen = withoutPrefix(`${term.name}.`, state);
          const value = term.loss(asked, truth, frozen, resample);
          aux[term.name] = own['paired'] && isPaired(term) ? perPair(value, own['paired']) : value;
          parts.push(tf.mul(aux[term.name]!, term.weight));
        }
        return { loss: parts.reduce((sum, part) => tf.add(sum, part)), aux };
      },
      pick(state, trainable(g.state)),
    );
  };

  /** Parts of an image that it takes to draw on it, and to judge what was drawn. */
  const below = [
    ...new Set<DrawPart>([
      ...nets.generator.wants,
      ...judges,
      ...(nets.place.coarse && output === 'band' ? (['low'] as const) : []),
    ]),
  ];
  const learnt = [...new Set([...below, ...terms.flatMap(({ truth }) => truth)])];
  // The generator is asked for coarse images as sampling will give them, the discriminator for its verdict on what it then
  // draws; what is real stays on the images below that are its own.
  const standing = below.includes('low') || below.includes('coarse');
  const marks = nets.place.coarse !== null && standing;
  const mark = marks ? { mayBeGenerated: true } : {};
  const mixed: readonly DrawPart[] = marks && terms.some(isPaired) ? [...learnt, 'paired'] : learnt;
  const draws = (named: Readonly<Record<string, Draw>>): Readonly<Record<string, Draw>> =>
    Object.fromEntries(Object.entries(named).filter(([, { of, count }]) => of.length * count > 0));
  /** A level may have none. */
  const noise = (counts: PassInputs['noise']): PassInputs['noise'] =>
    Object.keys(nets.noise).length > 0 ? counts : {};
  return {
    judging,
    learning,
    game: nets.discriminator && {
      judging: {
        draws: draws({
          real: { count: batch.real, of: ['image', ...judges] },
          // Generated images stand on other images than the real ones beside them.
          others: { count: batch.generated, of: below, ...mark },
          wrong: { count: wrong, of: ['condition'], unlike: 'real' },
        }),
        noise: noise({ judgedNoise: batch.generated }),
        random: {
          ...withPrefix('judging.', d.masks(judged)),
          ...withPrefix('judged.', g.masks(batch.generated)),
          ...withPrefix('judgingChange.', augmentation?.random(judged) ?? {}),
        },
      },
      learning: {
        draws: draws({
          learning: { count: batch.generator, of: mixed, ...mark },
          from: { count: between, of: ['condition'] },
          to: { count: between, of: below },
        }),
        noise: noise({ learningNoise: fooled }),
        random: {
          ...withPrefix('fooling.', d.masks(fooled)),
          ...withPrefix('learning.', g.masks(fooled)),
          ...withPrefix('foolingChange.', augmentation?.random(fooled) ?? {}),
        },
      },
    },
    alone: {
      draws: draws({ learning: { count: batch.generator, of: learnt } }),
      noise: noise({ learningNoise: batch.generator }),
      random: withPrefix('learning.', g.masks(batch.generator)),
    },
  };
}

/** Whether a term compares what was drawn with the picture that the coarse image belongs to. */
function isPaired({ truth }: GeneratorTerm): boolean {
  return truth.includes('image') || truth.includes('band');
}

/** The truth, and where there is none, since the coarse image was generated, what was drawn: no difference, no gradient. */
function pairedTruth(own: Tensors, drawn: DrawnImages, output: Adversaries['output']): Tensors {
  const replaced = (part: 'image' | 'band', value: () => tf.Tensor): Tensors => {
    const truth = own[part];
    return truth ? { [part]: selectRows(own['paired']!, truth, stopGradient(value())) } : {};
  };
  const { image, low } = drawn;
  return {
    ...own,
    ...replaced('image', () => image),
    ...replaced('band', () => (output === 'band' || !low ? drawn.output : tf.sub(image, low))),
  };
}

/** A mean over all images in which only the paired ones count, as the mean over those. */
function perPair(mean: tf.Tensor, paired: tf.Tensor): tf.Tensor {
  const count = paired.shape[0] ?? 1;
  return tf.mul(mean, tf.div(count, tf.maximum(tf.sum(paired), 1)));
}

/** Batches one behind the other. */
function joined(batches: readonly Tensors[], names: readonly string[]): Tensors {
  return Object.fromEntries(
    names.map((name) => [
      name,
      tf.concat(
        batches.map((batch) => batch[name]!),
        0,
      ),
    ]),
  );
}

/** The first images of a batch. */
function firstOf({ output, image, low }: DrawnImages, count: number): DrawnImages {
  const cut = (x: tf.Tensor): tf.Tensor => tf.slice(x, [0], [count]);
  return { output: cut(output), image: cut(image), low: low && cut(low) };
}
