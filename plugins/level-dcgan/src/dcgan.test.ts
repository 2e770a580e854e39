// Sizes of the networks against the authors' code, what they draw, and what is refused.
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
import { dcgan } from './index.js';

beforeAll(() => tf.setBackend('cpu'));

const place: LevelPlace = {
  size: [64, 64],
  coarse: null,
  channels: 3,
  condition: { kind: 'none' },
  transform: 'box-bilinear',
  pixels: { mean: [100, 120, 140], scale: [50, 60, 70], exact: true },
};

async function made(options: object, at: Partial<LevelPlace> = {}): Promise<Level> {
  const checked = await dcgan.plugin.options['~standard'].validate(options);
  if (checked.issues) throw new Error(checked.issues.map(({ message }) => message).join('; '));
  return dcgan.plugin.create(checked.value, { ...place, ...at });
}

function shapes({ training }: Level, prefix: string): Record<string, readonly number[]> {
  return Object.fromEntries(
    Object.entries((training as StepTraining).state)
      .filter(([name, { role }]) => role === 'weight' && name.startsWith(prefix))
      .map(([name, { shape }]) => [name, shape]),
  );
}

const total = (of: Record<string, readonly number[]>): number =>
  Object.values(of).reduce((sum, shape) => sum + elementCount(shape), 0);

describe('the networks', () => {
  it('at 64 are those of the authors, but for biases that they leave out', async () => {
    const level = await made({});
    // As counted of PyTorch's port of the authors' code, examples/dcgan: 3 576 704 and 2 765 568, without any bias.
    expect(total(shapes(level, 'g.')) - 3).toBe(3_576_704);
    expect(total(shapes(level, 'd.')) - 64 - 1).toBe(2_765_568);
  });

  it.each([
    { size: [4, 4], ups: [], project: [100, 4 * 4 * 8] },
    { size: [8, 8], ups: [3], project: [100, 4 * 4 * 8] },
    { size: [28, 28], ups: [8, 3], project: [100, 7 * 7 * 16] },
    { size: [20, 24], ups: [8, 3], project: [100, 5 * 6 * 16] },
  ] as const)('double planes on the way to $size', async ({ size, ups, project }) => {
    const level = await made({ width: 8 }, { size });
    const found = shapes(level, 'g.');
    expect(found['g.project.weight']).toEqual(project);
    const planes = Object.entries(found)
      .filter(([name]) => /^g\.up\d\.weight$/.test(name))
      .map(([, shape]) => shape[2]);
    expect(planes).toEqual(ups);
  });

  it('begin with normal weights of deviation 0.02', async () => {
    const { state } = (await made({})).training as StepTraining;
    for (const name of ['g.project.weight', 'g.up1.weight', 'd.down1.weight', 'd.out.weight'])
      expect(state[name]?.initial).toEqual({ normal: [0, 0.02] });
  });
});

describe('what is drawn', () => {
  it('ends at black and white, whatever the weights', async () => {
    const level = await made({ noise: 2, width: 1 }, { size: [4, 4] });
    const program = level.sampler as TensorProgram;
    const { state } = level.training as StepTraining;
    const draw = (bias: number): number[] => {
      const given = Object.fromEntries(
        program.reads.map((name) => [
          name,
          tf.fill(
            [...state[name]!.shape],
            name === 'g.out.bias' ? bias : name.endsWith('variance') ? 1 : 0,
          ),
        ]),
      );
      const { outputs } = program.run(given, { 'noise.z': tf.zeros([1, 2]) });
      return [...outputs['image']!.dataSync().slice(0, 3)];
    };
    // (0 − mean) ÷ scale and (255 − mean) ÷ scale.
    for (const [bias, pixel] of [
      [-100, 0],
      [100, 255],
    ] as const)
      draw(bias).forEach((value, channel) =>
        expect(value).toBeCloseTo((pixel - [100, 120, 140][channel]!) / [50, 60, 70][channel]!, 5),
      );
  });

  it('is without bounds if it is linear', async () => {
    const level = await made({ width: 1, generator: { output: 'linear' } }, { size: [4, 4] });
    const program = level.sampler as TensorProgram;
    const { state } = level.training as StepTraining;
    const given = Object.fromEntries(
      program.reads.map((name) => [
        name,
        tf.fill(
          [...state[name]!.shape],
          name === 'g.out.bias' ? 100 : name.endsWith('variance') ? 1 : 0,
        ),
      ]),
    );
    const { outputs } = program.run(given, { 'noise.z': tf.zeros([1, 100]) });
    expect(outputs['image']!.dataSync()[0]).toBe(100);
  });
});

describe('a place', () => {
  it.each([
    [[9, 9], '9 after 0'],
    [[3, 3], '3 after 0'],
    [[8, 64], '4x32 after 1'],
    [[22, 22], '11 after 1'],
  ] as const)('of %o is refused', async (size, got) => {
    await expect(made({}, { size })).rejects.toThrow(
      `expected sides that come from 4, 5, 6 or 7 by as many doublings, got ${got}.`,
    );
  });

  it('is the first', async () => {
    await expect(made({}, { coarse: [32, 32] })).rejects.toThrow(
      'dcgan at 64: expected to be the first level, got a level of 32 below.',
    );
  });

  it('has one scale of pixels, or a linear output', async () => {
    const pixels = { ...place.pixels, exact: false };
    await expect(made({}, { pixels })).rejects.toThrow(
      'dcgan at 64: expected pixels with one scale for all positions where it draws by tanh, got one for each position.',
    );
    await expect(made({ generator: { output: 'linear' } }, { pixels })).resolves.toBeDefined();
  });

  it('has a condition where there are wrong pairs', async () => {
    await expect(made({ wrongPairs: 0.5 })).rejects.toMatchObject({
      code: 'LAPYRA_LEVEL_CONDITION',
      message:
        'dcgan at 64: expected a pyramid with a condition for wrongPairs 0.5, got one without.',
    });
  });
});

describe('options', () => {
  it('are told what is wrong with them', async () => {
    await expect(made({ augmentation: { cutout: 1 } })).rejects.toThrow(
      'Expected a number below 1',
    );
    await expect(made({ discriminator: { norm: 'layer' } })).rejects.toThrow('layer');
    await expect(made({ widht: 3 })).rejects.toThrow('widht');
  });
});
