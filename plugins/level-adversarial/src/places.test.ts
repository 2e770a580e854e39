import type { LevelPlace } from '@lapyra/core';
import { describe, expect, it } from 'vitest';
import { dense, refine } from './index.js';

const first: LevelPlace = {
  size: [8, 8],
  coarse: null,
  channels: 3,
  condition: { kind: 'none' },
  transform: 'box-bilinear',
  pixels: { mean: [127.5, 127.5, 127.5], scale: [64, 64, 64], exact: false },
};
const second: LevelPlace = { ...first, size: [14, 14], coarse: [8, 8] };

async function options<T>(
  plugin: { readonly options: typeof refine.plugin.options | typeof dense.plugin.options },
  value: unknown,
): Promise<T> {
  const result = await plugin.options['~standard'].validate(value);
  if (result.issues) throw new Error(result.issues.map(({ message }) => message).join('; '));
  return result.value as T;
}

describe('places', () => {
  it('refuses a dense level above another', async () => {
    const given = await options<Parameters<typeof dense.plugin.create>[0]>(dense.plugin, {});
    expect(() => dense.plugin.create(given, second)).toThrow(
      'dense at 14: expected to be the first level, got a level of 8 below.',
    );
  });

  it('refuses a refining level without one below', async () => {
    const given = await options<Parameters<typeof refine.plugin.create>[0]>(refine.plugin, {});
    expect(() => refine.plugin.create(given, first)).toThrow(
      'refine at 8: expected a level below, got the first place of the pyramid.',
    );
  });

  it('refuses a discriminator that does not fit the image', async () => {
    const given = await options<Parameters<typeof refine.plugin.create>[0]>(refine.plugin, {});
    const small: LevelPlace = { ...second, size: [6, 6], coarse: [3, 3] };
    expect(() => refine.plugin.create(given, small)).toThrow(
      'refine at 6: expected room for discriminator layer 2 (kernel 5, padding 0), got an image of 2.',
    );
  });
});

describe('options', () => {
  it('names what is wrong with them', async () => {
    await expect(options(refine.plugin, { wdith: 32 })).rejects.toThrow('wdith');
    await expect(options(refine.plugin, { generator: { kernels: [4, 3] } })).rejects.toThrow(
      'Expected an odd kernel, which keeps the size',
    );
    await expect(
      options(dense.plugin, { generator: { hidden: [8, 8], activations: ['relu'] } }),
    ).rejects.toThrow('Expected as many activations as hidden layers');
    await expect(options(dense.plugin, { average: 1 })).rejects.toThrow(
      'Expected a number below 1',
    );
  });
});
