// What the suite finds in levels with a condition, with generated coarse images, with a critic, and on the host.
import {
  type ConditionSpec,
  type Critic,
  type Engine,
  type HostTraining,
  hostSampler,
  type Level,
  type StepTraining,
  type Tensors,
  type TensorValue,
} from '@lapyra/core';
import { float32 } from '@lapyra/testing';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { eagerEngine } from './eager-engine.js';
import { failing, type Title, titles } from './failing-checks.js';
import { descended, drawBand, guarded, sharpeningLevel } from './sharpening-level.js';

const named = (expected: readonly Title[]): string[] => expected.map((name) => titles[name]);

describe('checks of levels with a condition', () => {
  const names = ['gain', 'volume', 'tint'];
  const tinted = (at: Tensors, condition: tf.Tensor): tf.Tensor =>
    tf.reshape(tf.matMul(condition as tf.Tensor2D, at['tint'] as tf.Tensor2D), [-1, 1, 1, 3]);

  /** The sharpening level, with a colour for each class or direction that is added to the band. */
  function tintingLevel(
    condition: ConditionSpec,
    { looks = true, learns = true }: { readonly looks?: boolean; readonly learns?: boolean } = {},
  ): Level {
    const width = condition.kind === 'classes' ? condition.names.length : 4;
    const plain = sharpeningLevel();
    const { place } = plain;
    const { state } = plain.training as StepTraining;
    return sharpeningLevel({
      level: { place: { ...place, condition } },
      sampler: {
        reads: names,
        inputs: {
          low: { dtype: 'float32', shape: [null, 4, 4, 3] },
          'noise.z': { dtype: 'float32', shape: [null, 4, 4, 1] },
          condition: { dtype: 'float32', shape: [null, width] },
        },
        run: (at, { low, 'noise.z': z, condition: given }) => {
          const seen = looks ? given! : tf.onesLike(given!);
          return { state: {}, outputs: { band: tf.add(drawBand(at, low!, z!), tinted(at, seen)) } };
        },
      },
      program: {
        draws: { real: { count: 4, of: ['low', 'band', 'condition'] } },
        reads: names,
        writes: names,
        run: (at, given) => {
          const condition = learns
            ? given['real.condition']!
            : tf.onesLike(given['real.condition']!);
          const band = tf.sub(given['real.band']!, tinted(at, condition));
          const { next, error } = descended(at, { ...given, 'real.band': band });
          const off = tf.sub(drawBand(at, given['real.low']!, given['drawn.z']!), band); // [4, 4, 4, 3]
          const slope = tf.matMul(
            condition as tf.Tensor2D,
            tf.sum(off, [1, 2]) as tf.Tensor2D,
            true,
          ); // [width, 3]
          const tint = tf.sub(at['tint']!, tf.mul(slope, tf.div(given['rate']!, off.size / 2)));
          return guarded(at, { next: { ...next, tint }, error });
        },
      },
      training: {
        state: {
          ...state,
          tint: { shape: [width, 3], role: 'weight', initial: { normal: [0, 0.1] } },
        },
        samplerState: { gain: 'gain', volume: 'volume', tint: 'tint' },
      },
    });
  }
  const conditions: readonly ConditionSpec[] = [
    { kind: 'classes', names: ['cat', 'dog', 'ship'] },
    { kind: 'embedding', width: 4 },
  ];

  it.each(conditions)('find nothing wrong with a level of $kind that is right', async (kind) => {
    expect(await failing({}, { create: () => tintingLevel(kind) })).toEqual([]);
  });

  it.each(conditions)('find a level of $kind that draws without looking', async (kind) => {
    const create = (): Level => tintingLevel(kind, { looks: false });
    expect(await failing({}, { create })).toEqual(named(['condition']));
  });

  it.each(conditions)('find a level of $kind that learns without looking', async (kind) => {
    const create = (): Level => tintingLevel(kind, { learns: false });
    expect(await failing({}, { create })).toEqual(named(['learnsCondition', 'nan']));
  });

  it('let a level be that looks at no condition, as it says', async () => {
    const create = (): Level => {
      const level = sharpeningLevel();
      return { ...level, place: { ...level.place, condition: conditions[0]! } };
    };
    expect(await failing({}, { create })).toEqual([]);
  });

  it('find a sampler on the host that draws without looking', async () => {
    const create = (): Level => {
      const level = sharpeningLevel();
      return {
        ...level,
        place: { ...level.place, condition: conditions[1]! },
        noise: {},
        sampler: hostSampler(async (_, { low }) => ({ ...low!, data: low!.data.slice() })),
        training: null,
      };
    };
    expect(await failing({}, { create })).toEqual([]);
    expect(await failing({}, { create, conditional: true })).toEqual(named(['condition']));
  });
});

describe('checks of levels that train on generated coarse images', () => {
  /** The error of the paired images alone, or of all. */
  const generating = (least: number): Level =>
    sharpeningLevel({
      program: {
        draws: { real: { count: 4, of: ['low', 'band', 'paired'], mayBeGenerated: true } },
        run: (at, given) => {
          const paired = given['real.paired']!; // [4]
          const of = tf.reshape(paired, [4, 1, 1, 1]);
          const { next, error } = descended(at, {
            ...given,
            'real.low': tf.mul(given['real.low']!, of),
            'real.band': tf.mul(given['real.band']!, of),
            'drawn.z': tf.mul(given['drawn.z']!, of),
          });
          const part = tf.maximum(tf.mean(paired), least);
          return guarded(at, { next, error: tf.div(error, part) });
        },
      },
    });

  it('find nothing wrong with a level that is right', async () => {
    expect(await failing({}, { create: () => generating(0.01) })).toEqual([]);
  });

  it('find a mean over paired images where there are none', async () => {
    expect(await failing({}, { create: () => generating(0) })).toEqual(named(['generated']));
  });
});

describe('checks of critics', () => {
  const judging = (logits: (image: tf.Tensor) => tf.Tensor): Level => {
    const critic: Critic = {
      loss: 'hinge',
      program: {
        name: 'critic',
        reads: ['gain'],
        writes: [],
        inputs: {
          image: { dtype: 'float32', shape: [null, 4, 4, 3] },
          low: { dtype: 'float32', shape: [null, 4, 4, 3] },
        },
        outputs: { logits: 'float32' },
        run: ({ gain }, { image, low }) => ({
          state: {},
          outputs: { logits: logits(tf.sub(image!, tf.mul(low!, gain!))) },
        }),
      },
    };
    return sharpeningLevel({ training: { critic } });
  };

  it.each<[string, (image: tf.Tensor) => tf.Tensor]>([
    ['one logit an image', (image) => tf.mean(image, [1, 2, 3])],
    ['a logit each patch', (image) => tf.avgPool(image as tf.Tensor4D, 2, 2, 'valid')],
  ])('find nothing wrong with %s', async (_, logits) => {
    expect(await failing({}, { create: () => judging(logits) })).toEqual([]);
  });

  it.each<[string, (image: tf.Tensor) => tf.Tensor]>([
    [
      'a critic that looks at the whole batch',
      (image) => tf.sub(tf.mean(image, [1, 2, 3]), tf.mean(image)),
    ],
    ['a critic to whom all images are alike', (image) => tf.zeros([image.shape[0]!, 1])],
    ['a critic without a limit', (image) => tf.div(tf.mean(image, [1, 2, 3]), 0)],
  ])('find %s', async (_, logits) => {
    expect(await failing({}, { create: () => judging(logits) })).toEqual(named(['critic']));
  });
});

describe('checks of likelihoods', () => {
  /** ln p of a standard normal image, from the sum of its squares. */
  const telling = (logarithm: (squares: tf.Tensor) => tf.Tensor): Level =>
    sharpeningLevel({
      level: {
        likelihood: {
          name: 'likelihood',
          reads: ['gain'],
          writes: [],
          inputs: { image: { dtype: 'float32', shape: [null, 4, 4, 3] } },
          outputs: { logLikelihood: 'float32' },
          run: (_, { image }) => ({
            state: {},
            outputs: { logLikelihood: logarithm(tf.sum(tf.square(image!), [1, 2, 3])) },
          }),
        },
      },
    });
  const normal = (squares: tf.Tensor): tf.Tensor =>
    tf.sub(tf.mul(squares, -0.5), 24 * Math.log(2 * Math.PI));

  it('find nothing wrong with one that is right', async () => {
    expect(await failing({}, { create: () => telling(normal) })).toEqual([]);
  });

  it.each<[string, (squares: tf.Tensor) => tf.Tensor]>([
    ['a logarithm above 0', (squares) => tf.neg(normal(squares))],
    ['one that is not finite', (squares) => tf.log(tf.mul(0, squares))],
    ['one for the whole batch', (squares) => tf.sum(normal(squares))],
    ['one that is shared out', (squares) => tf.add(normal(squares), tf.neg(tf.mean(squares)))],
  ])('find %s', async (_, logarithm) => {
    expect(await failing({}, { create: () => telling(logarithm) })).toEqual(named(['likelihood']));
  });
});

describe('checks of networks that are features', () => {
  const describing = (features: (image: tf.Tensor) => tf.Tensor): Level =>
    sharpeningLevel({
      training: {
        networks: {
          d: {
            layers: ['colours'],
            program: () => ({
              name: 'colours',
              reads: ['gain'],
              writes: [],
              inputs: { image: { dtype: 'float32', shape: [null, 4, 4, 3] } },
              outputs: { features: 'float32' },
              run: ({ gain }, { image }) => ({
                state: {},
                outputs: { features: features(tf.mul(image!, gain!)) },
              }),
            }),
          },
        },
      },
    });

  it('find nothing wrong with one that is right', async () => {
    const create = (): Level => describing((image) => tf.mean(image, [1, 2]));
    expect(await failing({}, { create })).toEqual([]);
  });

  it.each<[string, (image: tf.Tensor) => tf.Tensor]>([
    ['statistics of the batch', (image) => tf.sub(tf.mean(image, [1, 2]), tf.mean(image))],
    ['features that are not finite', (image) => tf.div(tf.mean(image, [1, 2]), 0)],
    ['features of all images in one', (image) => tf.mean(image, 0, true)],
  ])('find %s', async (_, features) => {
    expect(await failing({}, { create: () => describing(features) })).toEqual(named(['networks']));
  });
});

describe('checks of levels on the host', () => {
  type Sampler = Extract<Level['sampler'], { kind: 'host' }>;
  const sharpen: Parameters<typeof hostSampler>[0] = async ({ gain }, { low }) => ({
    ...low!,
    data: Float32Array.from(low!.data, (value) => value * gain!.data[0]!),
  });
  /** The one gain that fits best: ⟨low, band⟩ ÷ ⟨low, low⟩. */
  const fit: HostTraining['fit'] = async (data) => {
    const { low, band } = await data.read([0, 1, 2, 3], ['low', 'band']);
    const product = (other: TensorValue): number =>
      [...low!.data].reduce((sum, value, at) => sum + value * other.data[at]!, 0);
    return { gain: float32([], [product(band!) / product(low!)]) };
  };
  const onHost = (sampler: Sampler, training: HostTraining['fit'] | null = fit): Level =>
    sharpeningLevel({
      level: { sampler, training: training && { kind: 'host', fit: training }, noise: {} },
    });
  const failingSampler = (sampler: Sampler): Promise<string[]> =>
    failing({}, { create: () => onHost(sampler) });
  const failingFit = (training: HostTraining['fit']): Promise<string[]> =>
    failing({}, { create: () => onHost(hostSampler(sharpen), training) });

  it('find nothing wrong with levels that are right, trained or not', async () => {
    expect(await failingSampler(hostSampler(sharpen))).toEqual([]);
    const blur = hostSampler(async (_, { low }) => ({ ...low!, data: low!.data.map(() => 0) }));
    expect(await failing({}, { create: () => onHost(blur, null) })).toEqual([]);
  });

  it('let a sampler refuse a NaN, and find one that throws something else', async () => {
    const strict = (error: Error): Sampler =>
      hostSampler(async (state, inputs) => {
        if (inputs['low']!.data.some(Number.isNaN)) throw error;
        return sharpen(state, inputs);
      });
    const { LapyraError } = await import('@lapyra/core');
    expect(
      await failingSampler(strict(new LapyraError('LAPYRA_LEVEL_OUTPUT', 'low: NaN'))),
    ).toEqual([]);
    expect(await failingSampler(strict(new RangeError('NaN')))).toEqual(named(['nanRow']));
  });

  it('find a sampler that spoils its inputs, and one that spoils its state', async () => {
    const spoiling = (which: 'state' | 'inputs'): Sampler =>
      hostSampler(async (state, inputs) => {
        const drawn = { ...inputs['low']!, data: inputs['low']!.data.slice() };
        const spoilt = which === 'state' ? state['gain']! : inputs['low']!;
        spoilt.data[0] = (spoilt.data[0] ?? 0) + 1;
        return drawn;
      });
    for (const which of ['state', 'inputs'] as const)
      expect(await failingSampler(spoiling(which))).toContain(titles.pure);
  });

  it('find samplers that share what they open', async () => {
    let open = 0;
    const sharing: Sampler = {
      kind: 'host',
      open: async (state) => {
        open += 1;
        return {
          sample: async (inputs) => {
            if (open === 0) throw new Error('closed');
            return sharpen(state, inputs);
          },
          dispose: async () => {
            open = 0;
          },
        };
      },
    };
    expect(await failingSampler(sharing)).toEqual(named(['twice']));
  });

  it('find a sampler that keeps a state open, and one that disposes of the engine', async () => {
    const using = (dispose: (engine: Engine) => Promise<void>): Sampler => ({
      kind: 'host',
      open: async (state, engine) => {
        await engine.open(state);
        return { sample: (inputs) => sharpen(state, inputs), dispose: () => dispose(engine) };
      },
    });
    expect(await failingSampler(using(async () => undefined))).toEqual(named(['givesBack']));
    const tidy: Sampler = {
      kind: 'host',
      open: async (state, engine) => {
        const opened = await engine.open(state);
        return { sample: (inputs) => sharpen(state, inputs), dispose: () => opened.dispose() };
      },
    };
    expect(await failingSampler(tidy)).toEqual([]);
    const usurping: Sampler = {
      kind: 'host',
      open: async (state, engine) => ({
        sample: (inputs) => sharpen(state, inputs),
        dispose: () => engine.dispose(),
      }),
    };
    expect(await failing({}, { create: () => onHost(usurping), engine: eagerEngine() })).toEqual(
      named(['givesBack']),
    );
  });

  /** Ten rounds of work that tell how far they are, at `tell`'s count, and may hear a signal. */
  const rounds =
    (tell: (done: number) => number, hears: boolean): Parameters<typeof hostSampler>[0] =>
    async (state, inputs, work) => {
      for (let done = 1; done <= 10; done += 1) {
        if (hears) work?.signal.throwIfAborted();
        work?.report({ done: tell(done), total: 10 });
      }
      return sharpen(state, inputs);
    };
  const counts: readonly (readonly [string, boolean, (done: number) => number, boolean])[] = [
    ['what is right', true, (done) => done, true],
    ['progress that goes back', false, (done) => (done === 5 ? 1 : done), true],
    ['progress beyond the end', false, (done) => done * 2, true],
    ['progress that does not arrive', false, (done) => done - 1, true],
    ['work that hears no signal', false, (done) => done, false],
  ];

  it.each(counts)('of drawing, find %s', async (_, isRight, tell, hears) => {
    const failed = await failingSampler(hostSampler(rounds(tell, hears)));
    expect(failed).toEqual(isRight ? [] : named(['stops']));
  });

  it.each(counts)('of fitting, find %s', async (_, isRight, tell, hears) => {
    const failed = await failingFit(async (data, context) => {
      await rounds(tell, hears)({ gain: float32([], [1]) }, { low: float32([0], []) }, context);
      return fit(data, context);
    });
    expect(failed).toEqual(isRight ? [] : named(['stopsFit']));
  });

  it('find a fit that is another each time', async () => {
    let fits = 0;
    const drifting = await failingFit(async () => ({ gain: float32([], [1 + ++fits / 100]) }));
    expect(drifting).toEqual(named(['fits']));
    const endless = await failingFit(async () => ({
      gain: float32([], [1]),
      other: float32([], [Infinity]),
    }));
    expect(endless).toEqual(named(['fits']));
  });

  it('find a fit that reads images that there are not, and one that changes them', async () => {
    expect(
      await failingFit(async (data, context) => {
        await data.read([data.count - 1, data.count], ['low']);
        return fit(data, context);
      }),
    ).toContain(titles.reads);
    const changing = await failingFit(async (data, context) => {
      const { low } = await data.read([7], ['low']);
      low!.data.fill(0);
      return fit(data, context);
    });
    expect(changing).toEqual(named(['reads']));
  });

  it('find a state that cannot be stored', async () => {
    const failed = await failingFit(async (data, context) => ({
      ...(await fit(data, context)),
      index: float32([2], [1, 2, 3]),
    }));
    expect(failed).toEqual(named(['storable']));
  });
});
