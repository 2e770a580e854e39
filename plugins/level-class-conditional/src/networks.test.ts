// Sizes of the networks against the authors' released weights and code, and what a class does, by hand.
import {
  elementCount,
  type Level,
  type LevelPlace,
  type StepTraining,
  type TensorProgram,
} from '@lapyra/core';
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { classPlane } from './class-plane.js';
import { classDense, classRefine } from './index.js';

beforeAll(() => tf.setBackend('cpu'));

const names = Array.from({ length: 10 }, (_, at) => `class ${at}`);
const first: LevelPlace = {
  size: [8, 8],
  coarse: null,
  channels: 3,
  condition: { kind: 'classes', names },
  transform: 'box-bilinear',
  pixels: { mean: [127.5, 127.5, 127.5], scale: [64, 64, 64], exact: true },
};
const refining: LevelPlace = { ...first, size: [28, 28], coarse: [14, 14] };

async function made(
  { plugin }: typeof classDense | typeof classRefine,
  options: object,
  place: LevelPlace,
): Promise<Level> {
  const checked = await plugin.options['~standard'].validate(options);
  if (checked.issues) throw new Error(checked.issues.map(({ message }) => message).join('; '));
  // The options are those of the plugin that checked them.
  return plugin.create(checked.value as never, place);
}

function count({ training }: Level, belongs: (name: string) => boolean): number {
  return Object.entries((training as StepTraining).state)
    .filter(([name, { role }]) => role === 'weight' && belongs(name))
    .reduce((sum, [, { shape }]) => sum + elementCount(shape), 0);
}

describe('the networks', () => {
  it('of the first level are as large as the released weights', async () => {
    const level = await made(classDense, {}, first);
    // 8x8.mpac of github.com/soumith/eyescream holds 542 592 numbers: 111·600 + 601·600 + 601·192.
    expect(count(level, (name) => name.startsWith('g.'))).toBe(542_592);
    // The flat image and the class: 203·600 + 601·600 + 601.
    expect(count(level, (name) => name.startsWith('d.'))).toBe(483_001);
  });

  it('of a refining level have one more plane, and the plane a map of its own', async () => {
    const level = await made(classRefine, { width: 128 }, refining);
    const weights = (prefix: string): number =>
      count(level, (name) => name.startsWith(`${prefix}.conv`) && name.endsWith('.weight'));
    expect(weights('g')).toBe(843_776); // 49·5·128 + 49·128·128 + 25·128·3
    expect(weights('d')).toBe(422_400); // 25·4·128 + 25·128·128
    for (const net of ['g', 'd'])
      expect(count(level, (name) => name.startsWith(`${net}.class.`))).toBe(8624); // 10·784 + 784
    expect(count(level, (name) => name === 'd.out.weight')).toBe(12_800); // 10·10·128
  });
});

describe('classPlane', () => {
  it("is ReLU of the class's row and the bias, laid out over the image", () => {
    const state = {
      'linear.weight': tf.tensor2d([
        [1, -2, 3, -4],
        [5, 6, -7, 0],
      ]),
      'linear.bias': tf.tensor1d([0.5, 1, 0, 0]),
    };
    const told = tf.tensor2d([
      [0, 1],
      [1, 0],
    ]);
    const planes = classPlane(2, [2, 2]).apply(state, told, {
      training: false,
      masks: {},
      updates: null,
    });
    expect(planes.shape).toEqual([2, 2, 2, 1]);
    expect([...planes.dataSync()]).toEqual([5.5, 7, 0, 0, 1.5, 0, 3, 0]);
  });
});

describe('what is drawn', () => {
  it('has noise, class and colours in the order of the authors', async () => {
    const place: LevelPlace = { ...refining, size: [2, 2], coarse: [1, 1], channels: 1 };
    const options = {
      width: 1,
      generator: { kernels: [1, 1] },
      discriminator: { layers: [{ kernel: 1 }] },
    };
    const { sampler } = await made(classRefine, options, place);
    const program = sampler as TensorProgram;
    const state: Record<string, tf.Tensor> = {
      'g.conv1.weight': tf.tensor4d([100, 10, 1], [1, 1, 3, 1]),
      'g.conv1.bias': tf.zeros([1]),
      'g.conv2.weight': tf.ones([1, 1, 1, 1]),
      'g.conv2.bias': tf.zeros([1]),
      'g.class.linear.weight': tf.concat([tf.fill([1, 4], 7), tf.fill([9, 4], -1)], 0),
      'g.class.linear.bias': tf.zeros([4]),
    };
    expect(program.reads.toSorted()).toEqual(Object.keys(state).toSorted());
    const { outputs } = program.run(state, {
      'noise.z': tf.tensor4d([1, 2, 3, 4], [1, 2, 2, 1]),
      condition: tf.cast(tf.oneHot(tf.tensor1d([0], 'int32'), 10), 'float32'),
      low: tf.tensor4d([5, 6, 7, 8], [1, 2, 2, 1]),
    });
    expect([...outputs['band']!.dataSync()]).toEqual([175, 276, 377, 478]);
  });
});

describe('a place', () => {
  it.each([
    [{ kind: 'none' } as const, 'one without a condition'],
    [{ kind: 'classes', names: ['cat'] } as const, 'the only class cat'],
    [{ kind: 'embedding', width: 8 } as const, 'one conditioned on vectors'],
  ])('without classes is refused: %o', async (condition, got) => {
    await expect(made(classDense, {}, { ...first, condition })).rejects.toMatchObject({
      code: 'LAPYRA_LEVEL_CONDITION',
      message: `classDense at 8: expected a pyramid conditioned on two or more classes, got ${got}.`,
    });
    await expect(made(classRefine, {}, { ...refining, condition })).rejects.toThrow(
      `classRefine at 28: expected a pyramid conditioned on two or more classes, got ${got}.`,
    );
  });

  it('is the first for classDense, and another for classRefine', async () => {
    await expect(made(classDense, {}, refining)).rejects.toThrow(
      'classDense at 28: expected to be the first level, got a level of 14 below.',
    );
    await expect(made(classRefine, {}, first)).rejects.toThrow(
      'classRefine at 8: expected a level below, got the first place of the pyramid.',
    );
  });

  it('has room for the discriminator', async () => {
    const small: LevelPlace = { ...refining, size: [6, 6], coarse: [3, 3] };
    await expect(made(classRefine, {}, small)).rejects.toThrow(
      'classRefine at 6: expected room for discriminator layer 2 (kernel 5, padding 0), got an image of 2.',
    );
  });
});

describe('options', () => {
  it('are told what is wrong with them', async () => {
    await expect(made(classDense, { wrongPairs: 1 }, first)).rejects.toThrow(
      'Expected a number below 1',
    );
    await expect(made(classRefine, { wrongPair: 0.5 }, refining)).rejects.toThrow('wrongPair');
    await expect(made(classDense, { noise: { design: 'plane' } }, first)).rejects.toThrow(
      'classDense at 8: expected noise of the design vector, got plane.',
    );
  });
});
