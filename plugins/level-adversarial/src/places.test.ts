import { entropyBits, type Level, type LevelPlace } from '@lapyra/core';
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

describe('noise', () => {
  it('has a design that fits the level', async () => {
    const refused = async (noise: object, message: string): Promise<void> => {
      const given = await options<Parameters<typeof refine.plugin.create>[0]>(refine.plugin, {
        noise,
      });
      expect(() => refine.plugin.create(given, second)).toThrow(message);
    };
    await refused(
      { design: 'low-rank', rank: 197 },
      'noise at 14: expected rank of at most 196, the positions that the noise fills, got 197.',
    );
    await refused(
      { design: 'hashed', variables: 400, planes: 2 },
      'noise at 14: expected variables of at most 392, the positions that the noise fills, got 400.',
    );
  });

  it.each(['plane', 'none'])('is a vector for a dense level, not %s', async (design) => {
    const given = await options<Parameters<typeof dense.plugin.create>[0]>(dense.plugin, {
      noise: { design },
    });
    expect(() => dense.plugin.create(given, first)).toThrow(
      `dense at 8: expected noise of the design vector, got ${design}.`,
    );
  });

  it('is told what is wrong with it', async () => {
    const lowRang = { noise: { design: 'low-rang', rank: 8 } };
    await expect(options(refine.plugin, lowRang)).rejects.toThrow('"low-rang"');
    await expect(options(dense.plugin, lowRang)).rejects.toThrow('"low-rang"');
    await expect(options(refine.plugin, { noise: { design: 'low-rank' } })).rejects.toThrow('rank');
    await expect(options(dense.plugin, { noise: 0 })).rejects.toThrow('Expected >=1');
    await expect(options(dense.plugin, { noise: 'much' })).rejects.toThrow('Expected number');
  });

  it('counts what is drawn', async () => {
    const level = async (noise: object): Promise<Level> =>
      refine.plugin.create(
        await options<Parameters<typeof refine.plugin.create>[0]>(refine.plugin, { noise }),
        second,
      );
    expect(entropyBits((await level({ design: 'plane' })).noise)).toBe(196);
    expect(entropyBits((await level({ design: 'hashed', variables: 16 })).noise)).toBe(16);
    expect(entropyBits((await level({ design: 'vector', length: 8 })).noise)).toBe(8);
    expect(entropyBits((await level({ design: 'none' })).noise)).toBe(0);
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
