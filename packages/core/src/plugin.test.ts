import { describe, expect, it } from 'vitest';
import type { Backend } from './engine.js';
import type { LapyraError } from './error.js';
import { CONTRACT, definePlugin, isPlugin, type PluginDefinition } from './plugin.js';

interface Options {
  readonly width?: number;
}
const definition: PluginDefinition<'backend', Options, Options> = {
  kind: 'backend',
  use: '@lapyra/backend-none#none',
  summary: 'Runs nothing.',
  options: {
    '~standard': { version: 1, vendor: 'test', validate: (value) => ({ value: value as Options }) },
  },
  create: (): Backend => ({
    id: 'none',
    priority: 0,
    can: [],
    tested: false,
    probe: () => Promise.resolve({ available: false, reason: 'none', fix: 'none' }),
    open: () => Promise.reject(new Error('none')),
  }),
};

describe('definePlugin', () => {
  const none = definePlugin(definition);

  it('makes a function that describes a choice as plain data', () => {
    expect(none()).toEqual({ use: '@lapyra/backend-none#none', options: {} });
    const choice = none({ width: 64 });
    expect(JSON.parse(JSON.stringify(choice))).toEqual({
      use: '@lapyra/backend-none#none',
      options: { width: 64 },
    });
  });

  it('carries its definition and the version of the contract', () => {
    expect(none.plugin).toMatchObject({ kind: 'backend', contract: CONTRACT });
    expect(isPlugin(none)).toBe(true);
  });

  it('refuses options that are not data, and names them', () => {
    expect(() => none({ width: Number.NaN })).toThrow(
      expect.objectContaining({
        code: 'LAPYRA_CONFIG_NOT_DATA',
        message: '@lapyra/backend-none#none options.width: expected plain data, got NaN.',
      }) as LapyraError,
    );
  });

  it('refuses a reference to a file', () => {
    expect(() => definePlugin({ ...definition, use: './none.js#none' })).toThrow(
      expect.objectContaining({ code: 'LAPYRA_PLUGIN_REFERENCE' }) as LapyraError,
    );
  });
});

describe('isPlugin', () => {
  it.each([null, undefined, {}, () => 1, { plugin: { contract: 1, create: () => 1 } }])(
    'says no to %o',
    (value) => {
      expect(isPlugin(value)).toBe(false);
    },
  );

  it('says yes to another contract version', () => {
    const other = Object.assign(() => 1, { plugin: { contract: 7, create: () => 1 } });
    expect(isPlugin(other)).toBe(true);
  });
});
