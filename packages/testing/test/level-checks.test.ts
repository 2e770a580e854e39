// A suite is worth what it finds: one level that is right, and many with one fault each.
import type {
  Engine,
  InputSpec,
  Level,
  ModelPort,
  StepProgram,
  StepTraining,
  TensorProgram,
  Tensors,
  TensorValues,
} from '@lapyra/core';
import { float32 } from '@lapyra/testing';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { eagerEngine } from './eager-engine.js';
import { failing, type Title, titles } from './failing-checks.js';
import {
  descended,
  drawBand,
  guarded,
  type Replaced,
  sharpeningLevel,
} from './sharpening-level.js';

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
      ['batch', 'nanRow'],
      drawing((at, given) => tf.sub(bandOf(at, given), tf.mean(bandOf(at, given)))),
    ],
    [
      'hidden randomness',
      ['batch', 'nanRow', 'pure', 'whole'],
      drawing((at, given) => tf.add(bandOf(at, given), tf.randomNormal([4, 4, 3]))),
    ],
    [
      'a NaN that spreads over the batch',
      ['nanRow'],
      drawing((at, given) => tf.add(bandOf(at, given), tf.mul(0, tf.mean(given['low']!)))),
    ],
    [
      'noise without effect',
      ['noise'],
      drawing((at, { low }) => drawBand(at, low!, tf.zeros([1, 4, 4, 1]))),
    ],
    [
      'a band of another size',
      ['finite', 'batch', 'nanRow', 'whole'],
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
      ['moves', 'deaf'],
      learning((at, given) => {
        const { next, error } = descended(at, given);
        return guarded(at, { next: { ...next, volume: at['volume']! }, error });
      }),
    ],
    [
      'a weight that decays, and that no gradient reaches',
      ['deaf'],
      learning((at, given) => {
        const { next, error } = descended(at, given);
        return guarded(at, { next: { ...next, volume: tf.mul(at['volume']!, 0.99) }, error });
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
    const keep = (tensor: tf.Tensor): void => void kept.push(tf.keep(tf.clone(tensor)));
    const leaking = learning((at, given) => {
      const result = guarded(at, descended(at, given));
      keep(result.outputs['error']!);
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
    const littering = drawing((at, given) => {
      keep(at['gain']!);
      return bandOf(at, given);
    });
    expect(await failing(littering)).toEqual([titles.drawLeaks]);
    const create = (): Level => {
      keep(tf.scalar(1));
      return sharpeningLevel();
    };
    expect(await failing({}, { create })).toEqual([titles.drawLeaks]);
    tf.dispose(kept);
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
