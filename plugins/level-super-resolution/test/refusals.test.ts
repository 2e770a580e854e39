import { elementCount, type LapyraError, type StepTraining } from '@lapyra/core';
import { cifar10Features } from '@lapyra/features-cifar10';
import { superResolve, type SuperResolveInput } from '@lapyra/level-super-resolution';
import { describe, expect, it } from 'vitest';
import { makeLevel, placeAt } from './make-level.js';

const at14 = placeAt(
  [
    [7, 7],
    [14, 14],
  ],
  1,
  3,
);
const features = await cifar10Features.plugin.create({}, undefined);

describe('superResolve', () => {
  it('refuses to be the first level', async () => {
    await expect(makeLevel({}, placeAt([[8, 8]], 0, 3))).rejects.toThrow(
      'superResolve at 8: expected a level below, got the first place of the pyramid.',
    );
  });

  it('refuses a ratio that is not reached by doubling, and says what takes any', async () => {
    const place = placeAt(
      [
        [8, 8],
        [14, 14],
      ],
      1,
      3,
    );
    await expect(makeLevel({}, place)).rejects.toMatchObject({
      code: 'LAPYRA_LEVEL_PLACE',
      message: 'superResolve at 14: expected a size below that is doubled once or more, got 8.',
      hint: expect.stringContaining("generator.upsampling to 'before'") as string,
    } satisfies Partial<LapyraError>);
    const any = {
      generator: { upsampling: 'before' },
      losses: { content: { weight: 0 } },
    } as const;
    expect((await makeLevel(any, place)).output).toBe('image');
  });

  it('refuses images that its discriminator cannot halve so often', async () => {
    const place = placeAt(
      [
        [4, 4],
        [8, 8],
      ],
      1,
      3,
    );
    await expect(makeLevel({}, place, features)).rejects.toThrow(
      'superResolve at 8: expected images of at least 9 pixels for 4 pairs of discriminator layers, got 8.',
    );
  });

  it('refuses a feature layer that does not exist', async () => {
    const options = { losses: { content: { layer: 'conv33' } } };
    await expect(makeLevel(options, at14, features)).rejects.toThrow(
      "expected a layer of conv1, conv2, conv3, conv4, conv5, conv6, pooled, logits, got 'conv33'.",
    );
  });

  it.each<[SuperResolveInput, string]>([
    [
      { losses: { pixel: { weight: 0 }, content: { weight: 0 }, adversarial: 0 } },
      'Expected at least one loss with a weight above 0',
    ],
    [{ generator: { kernel: 4 } }, 'Expected an odd kernel, which keeps the size'],
    [{ pretraining: 1 }, 'Expected a number below 1'],
  ])('refuses %j', async (options, message) => {
    const checked = await superResolve.plugin.options['~standard'].validate(options);
    expect(checked.issues?.map((issue) => issue.message)).toContain(message);
  });

  it('has the weights of SRGAN with its defaults, counted by hand', async () => {
    const place = placeAt(
      [
        [24, 24],
        [96, 96],
      ],
      1,
      3,
    );
    const level = await makeLevel({}, place, features);
    const { state } = level.training as StepTraining;
    const weights = (prefix: string): number =>
      Object.entries(state)
        .filter(([name, { role }]) => name.startsWith(prefix) && role === 'weight')
        .reduce((sum, [, { shape }]) => sum + elementCount(shape), 0);
    const convolution = 9 * 64 * 64;
    const [norm, prelu] = [2 * 64, 64];
    const head = 81 * 3 * 64 + 64 + prelu;
    const body = 16 * (2 * convolution + 2 * norm + prelu) + convolution + norm;
    const upsamplers = 2 * (4 * convolution + 4 * 64 + prelu);
    const tail = 81 * 64 * 3 + 3;
    expect(weights('g.')).toBe(head + body + upsamplers + tail);

    // 3 → 64, 64, 128, 128, 256, 256, 512, 512; 96 pixels halved four times; biases where there is no batch norm.
    const planes = [64, 64, 128, 128, 256, 256, 512, 512];
    const convolutions = planes.reduce((sum, out, i) => sum + 9 * (planes[i - 1] ?? 3) * out, 0);
    const norms = 2 * planes.slice(1).reduce((sum, out) => sum + out, 0);
    const linear = 6 * 6 * 512 * 1024 + 1024 + 1024 + 1;
    expect(weights('d.')).toBe(convolutions + 64 + norms + linear);
    expect(Object.values(state).some(({ role }) => role === 'frozen')).toBe(true);
  });

  it('has no discriminator where nothing weighs it', async () => {
    const level = await makeLevel(
      { losses: { adversarial: 0, content: { weight: 0 } } },
      at14,
      features,
    );
    const { state, programs } = level.training as StepTraining;
    expect(Object.keys(state).filter((name) => /^(optimiser\.)?d\./.test(name))).toEqual([]);
    expect(Object.values(state).some(({ role }) => role === 'frozen')).toBe(false);
    expect(programs.map(({ name }) => name)).toEqual(['alone']);
  });
});
