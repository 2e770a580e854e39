// A suite is worth what it finds: one level that is right, and many with one fault each.
import {
  hostSampler,
  type Engine,
  type InputSpec,
  type Level,
  type ModelPort,
  type StepProgram,
  type StepTraining,
  type TensorProgram,
  type Tensors,
  type TensorValue,
  type TensorValues,
} from '@lapyra/core';
import { float32, readCifar10Fixture } from '@lapyra/testing';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { declarationChecks } from '../src/level/declaration-checks.js';
import { levelHarness } from '../src/level/level-harness.js';
import { samplerChecks } from '../src/level/sampler-checks.js';
import { trainingChecks } from '../src/level/training-checks.js';
import { trueViews } from '../src/level/true-views.js';
import { eagerEngine } from './eager-engine.js';
import {
  descended,
  drawBand,
  guarded,
  type Replaced,
  sharpeningLevel,
  sizes,
  transform,
} from './sharpening-level.js';

const images = readCifar10Fixture();

interface Trial {
  readonly create?: () => Level;
  readonly oracle?: () => Promise<Engine>;
  readonly engine?: Engine;
  readonly liveTensors?: () => number;
}

/** Titles of the checks that fail. */
async function failing(replaced: Replaced, trial: Trial = {}): Promise<string[]> {
  const create = trial.create ?? (() => sharpeningLevel(replaced));
  const level = create();
  const harness = levelHarness({
    level,
    create,
    engine: trial.engine ?? eagerEngine(),
    oracle: trial.oracle ?? (async () => eagerEngine()),
    transform,
    sizes,
    index: 1,
    views: await trueViews(images, level.place, transform.plain, sizes, 1),
    seed: 1,
    steps: 10,
    lowers: ['error'],
    closeness: { relative: 1e-5, absolute: 1e-5 },
    liveTensors: trial.liveTensors,
  });
  const { training } = level;
  const checks = [
    ...declarationChecks(harness),
    ...samplerChecks(harness),
    ...(training?.kind === 'steps' ? trainingChecks(harness, training) : []),
  ];
  const failed: string[] = [];
  for (const { title, run } of checks) {
    try {
      await run();
    } catch {
      failed.push(title);
    }
  }
  return failed;
}

const titles = {
  place: 'stands where it was put, and declares nothing that contradicts it',
  again: 'is the same when it is made again',
  map: 'maps each tensor of the sampler to one of the training state, and no others',
  use: 'uses every state tensor that it declares, and writes every weight',
  order: 'has an order of programs, names of its own, and scalars, for every step',
  finite: 'draws a finite band of its size, in batches of 1, 2 and 5',
  batch: 'draws an image whatever else is in its batch',
  pure: 'draws the same again from the same, and lets its inputs and its state be',
  noise: 'draws otherwise from each tensor of other noise',
  whole: 'gives, as a whole level, what it draws put on the upsampled image below',
  file: 'draws from a file what it draws without, in batches of 1 and 3',
  records: 'records what it declares, and says that its steps count',
  moves: 'moves every weight in 3 steps, and nothing to NaN',
  seed: 'learns the same again from the same seed, and begins otherwise with another',
  resumes: 'goes on from a state that was read, bit for bit',
  nan: 'does not count a step with a NaN in any input: the state stays, bit for bit',
  lowers: 'lowers error in 10 steps on real images',
  leaks: 'leaves no tensors behind',
  oracle: 'has after 5 steps the state that it has on another engine',
} as const;
type Title = keyof typeof titles;

const bandOf = (state: Tensors, { low, 'noise.z': z }: Tensors): tf.Tensor =>
  drawBand(state, low!, z!);

/** A level that draws otherwise. */
function drawing(band: (state: Tensors, inputs: Tensors) => tf.Tensor): Replaced {
  const run: TensorProgram['run'] = (state, inputs) => ({
    state: {},
    outputs: { band: band(state, inputs) },
  });
  return { sampler: { run } };
}

/** A level that learns otherwise. */
function learning(run: StepProgram['run']): Replaced {
  return { program: { run } };
}

const { state: trained } = sharpeningLevel().training as StepTraining;

describe('checks of levels', () => {
  it('find nothing wrong with a level that is right', async () => {
    expect(await failing({})).toEqual([]);
  });

  it.each<[string, readonly Title[], Replaced]>([
    [
      'a mean over the batch',
      ['batch'],
      drawing((at, given) => tf.sub(bandOf(at, given), tf.mean(bandOf(at, given)))),
    ],
    [
      'hidden randomness',
      ['batch', 'pure', 'whole'],
      drawing((at, given) => tf.add(bandOf(at, given), tf.randomNormal([4, 4, 3]))),
    ],
    [
      'noise without effect',
      ['noise'],
      drawing((at, { low }) => drawBand(at, low!, tf.zeros([1, 4, 4, 1]))),
    ],
    [
      'a band of another size',
      ['finite', 'batch', 'whole'],
      drawing((at, given) => tf.slice(bandOf(at, given), [0, 0, 0, 0], [-1, 3, 4, 3])),
    ],
    [
      'a band that is not finite',
      ['finite', 'noise'],
      drawing((at, given) => tf.sqrt(tf.sub(-1, tf.abs(bandOf(at, given))))),
    ],
    [
      'state without a use',
      ['use'],
      {
        training: {
          state: { ...trained, idle: { shape: [], role: 'statistic', initial: { fill: 0 } } },
        },
      },
    ],
    [
      'a weight that rests',
      ['moves'],
      learning((at, given) => {
        const { next, error } = descended(at, given);
        return guarded(at, { next: { ...next, volume: at['volume']! }, error });
      }),
    ],
    [
      'no gate against NaN',
      ['nan'],
      learning((at, given) => {
        const { next, error } = descended(at, given);
        return { state: next, outputs: { error, finite: tf.scalar(1) } };
      }),
    ],
    [
      'a gate that leaves half of the state open',
      ['nan'],
      learning((at, given) => {
        const all = descended(at, given);
        const { state, outputs } = guarded(at, all);
        return { state: { ...state, gain: all.next['gain']! }, outputs };
      }),
    ],
    ['ascent', ['lowers'], learning((at, given) => guarded(at, descended(at, given, -1)))],
    [
      'randomness in training',
      ['seed', 'resumes', 'oracle'],
      learning((at, given) =>
        guarded(
          at,
          descended(at, {
            ...given,
            'drawn.z': tf.add(given['drawn.z']!, tf.randomNormal([4, 4, 4, 1])),
          }),
        ),
      ),
    ],
  ])('find %s, and nothing else', async (_, expected, replaced) => {
    expect(await failing(replaced)).toEqual(expected.map((name) => titles[name]));
  });

  it.each<[string, Title, Replaced]>([
    [
      'an input that the place does not have',
      'place',
      { sampler: { inputs: { condition: { dtype: 'float32', shape: [null, 2] } } } },
    ],
    [
      'a map with a tensor that the sampler does not read',
      'map',
      { training: { samplerState: { gain: 'gain', volume: 'volume', more: 'gain' } } },
    ],
    ['an order that names no program', 'order', { training: { order: () => ['other'] } }],
    [
      'a rate that is not finite',
      'order',
      { training: { scalars: { rate: { at: () => Infinity, isRate: true } } } },
    ],
    ['an output that is not recorded', 'records', { program: { outputs: ['finite', 'more'] } }],
  ])('find %s first', async (_, expected, replaced) => {
    expect((await failing(replaced))[0]).toBe(titles[expected]);
  });

  it('find that a level is another one when it is made again', async () => {
    let made = 0;
    const create = (): Level => {
      const shape = [4, 4, 1 + made++];
      return sharpeningLevel({ level: { noise: { z: { distribution: 'uniform', shape } } } });
    };
    expect(await failing({}, { create })).toContain(titles.again);
  });

  it('find an engine that disagrees with the other', async () => {
    const off = changing((state) => scaled(state, 1.001));
    expect(await failing({}, { oracle: async () => off })).toEqual([titles.oracle]);
  });

  it('find a file that draws otherwise', async () => {
    expect(await failing({}, { engine: withFiles(1) })).toEqual([]);
    expect(await failing({}, { engine: withFiles(1.001) })).toEqual([titles.file]);
  });

  it('find tensors that stay behind', async () => {
    const kept: tf.Tensor[] = [];
    const leaking = learning((at, given) => {
      const result = guarded(at, descended(at, given));
      kept.push(tf.keep(tf.clone(result.outputs['error']!)));
      return result;
    });
    // This engine has its state on the host; one tensor stands for it.
    let opened = 0;
    const engine = changing((state) => state, {
      open: () => opened++,
      dispose: () => opened--,
    });
    const liveTensors = (): number => tf.memory().numTensors + opened;
    expect(await failing({}, { engine, liveTensors })).toEqual([]);
    expect(await failing(leaking, { engine, liveTensors })).toEqual([titles.leaks]);
    tf.dispose(kept);
  });
});

describe('checks of levels on the host', () => {
  const sharpen: Parameters<typeof hostSampler>[0] = async ({ gain }, { low }) => ({
    ...low!,
    data: Float32Array.from(low!.data, (value) => value * gain!.data[0]!),
  });
  const onHost = (sample = sharpen): Level =>
    sharpeningLevel({
      level: {
        sampler: hostSampler(sample),
        training: {
          kind: 'host',
          // The one gain that fits best: ⟨low, band⟩ ÷ ⟨low, low⟩.
          fit: async (data) => {
            const { low, band } = await data.read([0, 1, 2, 3], ['low', 'band']);
            const product = (other: TensorValue): number =>
              [...low!.data].reduce((sum, value, at) => sum + value * other.data[at]!, 0);
            return { gain: float32([], [product(band!) / product(low!)]) };
          },
        },
        noise: {},
      },
    });

  it('find nothing wrong with a level that is right', async () => {
    expect(await failing({}, { create: () => onHost() })).toEqual([]);
  });

  it('find a sampler that spoils its inputs, and one that spoils its state', async () => {
    const spoiling = (which: 'state' | 'inputs'): Level =>
      onHost(async (state, inputs) => {
        const drawn = { ...inputs['low']!, data: inputs['low']!.data.slice() };
        const spoilt = which === 'state' ? state['gain']! : inputs['low']!;
        spoilt.data[0] = (spoilt.data[0] ?? 0) + 1;
        return drawn;
      });
    for (const which of ['state', 'inputs'] as const)
      expect(await failing({}, { create: () => spoiling(which) })).toContain(titles.pure);
  });
});

/** An engine whose states read otherwise than they are. */
function changing(
  read: (state: TensorValues) => TensorValues,
  on: { readonly open?: () => void; readonly dispose?: () => void } = {},
): Engine {
  const engine = eagerEngine();
  return {
    ...engine,
    open: async (values) => {
      const state = await engine.open(values);
      on.open?.();
      return {
        ...state,
        read: async (names) => read(await state.read(names)),
        dispose: async () => {
          on.dispose?.();
          await state.dispose();
        },
      };
    },
  };
}

/** An engine that remembers a program instead of writing it, and multiplies what it draws by `factor`. */
function withFiles(factor: number): Engine {
  const engine = eagerEngine();
  let kept: { program: TensorProgram; state: TensorValues } | undefined;
  return {
    ...engine,
    export: async (program, state) => {
      kept = { program, state };
      return new Uint8Array();
    },
    load: async () => {
      const { program, state } = kept!;
      const compiled = await (await engine.open(state)).compile(program, 1);
      const port = ([name, { dtype, shape }]: [string, InputSpec]): ModelPort => ({
        name,
        dtype,
        shape,
      });
      return {
        inputs: Object.entries(program.inputs).map(port),
        outputs: [],
        metadata: {},
        run: async (inputs) => scaled(await compiled.run(inputs), factor),
        dispose: async () => undefined,
      };
    },
  };
}

function scaled(values: TensorValues, factor: number): TensorValues {
  return Object.fromEntries(
    Object.entries(values).map(([name, { shape, data }]) => [
      name,
      float32(
        shape,
        Array.from(data, (value) => value * factor),
      ),
    ]),
  );
}
