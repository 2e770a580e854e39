import { isPlugin, type LapyraError } from '@lapyra/core';
import { boxBilinear, burtAdelson } from '@lapyra/transform-laplacian';
import { describe, expect, it } from 'vitest';
import manifest from '../package.json' with { type: 'json' };

describe('the plugins', () => {
  it.each([
    ['boxBilinear', boxBilinear, 'box-bilinear', false],
    ['burtAdelson', burtAdelson, 'burt-adelson', true],
  ] as const)('%s describes itself and makes a transform', async (name, plugin, id, chained) => {
    expect(isPlugin(plugin)).toBe(true);
    expect(plugin()).toEqual({ use: `${manifest.name}#${name}`, options: {} });
    const { plain } = await plugin.plugin.create({}, undefined);
    expect(plain).toMatchObject({ id, chained });
  });

  it('are listed in the manifest', () => {
    expect(manifest.lapyra).toEqual({
      contract: boxBilinear.plugin.contract,
      plugins: { boxBilinear: 'transform', burtAdelson: 'transform' },
    });
  });

  it('take no options', async () => {
    const check = boxBilinear.plugin.options['~standard'].validate;
    expect(await check({})).toMatchObject({ value: {} });
    expect(await check({ kernel: 5 })).toMatchObject({ issues: [{ path: [{ key: 'kernel' }] }] });
  });

  it('refuse sizes that they cannot do', async () => {
    const { plain } = await burtAdelson.plugin.create({}, undefined);
    expect(() =>
      plain.check([
        [8, 8],
        [14, 14],
      ]),
    ).toThrow(
      expect.objectContaining({
        code: 'LAPYRA_TRANSFORM_SIZES',
        hint: expect.stringContaining('7, 14') as string,
      }) as LapyraError,
    );
  });
});
