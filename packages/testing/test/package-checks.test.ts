import { CONTRACT, definePlugin, type Plugin } from '@lapyra/core';
import { describe, expect, it } from 'vitest';
import { packageChecks } from '../src/plugin-conformance.js';

/** Options with the keys of `known`, all of them numbers. */
function schema(
  known: readonly string[],
  isStrict = true,
): Plugin<'level', object, object>['plugin']['options'] {
  return {
    '~standard': {
      version: 1,
      vendor: 'test',
      validate: (given) => {
        const unknown = Object.keys(given as object).filter((key) => !known.includes(key));
        return isStrict && unknown.length > 0
          ? { issues: unknown.map((key) => ({ message: `unknown option '${key}'` })) }
          : { value: given as object };
      },
    },
  };
}

const blank: Plugin<'level'> = definePlugin({
  kind: 'level',
  use: 'lapyra-level-blank#blank',
  summary: 'a level that draws nothing at all',
  options: schema(['width']),
  create: () => {
    throw new Error('not made here');
  },
}) as Plugin<'level'>; // its options are of no interest here

const manifest = {
  name: 'lapyra-level-blank',
  type: 'module',
  keywords: ['lapyra-level'],
  lapyra: { contract: CONTRACT, plugins: { blank: 'level' } },
  peerDependencies: { '@lapyra/core': '>=0.1.0' },
};

async function failing(
  changed: Partial<typeof manifest> & { readonly dependencies?: Record<string, string> } = {},
  exported: Readonly<Record<string, unknown>> = { blank, version: 1 },
): Promise<number[]> {
  const failed: number[] = [];
  for (const [at, { run }] of packageChecks({ ...manifest, ...changed }, exported).entries()) {
    try {
      await run();
    } catch {
      failed.push(at);
    }
  }
  return failed;
}

function withPlugin(changed: Partial<Plugin['plugin']>): Readonly<Record<string, unknown>> {
  return { blank: Object.assign(() => blank(), { plugin: { ...blank.plugin, ...changed } }) };
}

describe('checks of plugin packages', () => {
  it('find nothing wrong with a package that is right', async () => {
    expect(await failing()).toEqual([]);
  });

  it.each([
    ['another contract', { lapyra: { contract: CONTRACT - 1, plugins: { blank: 'level' } } }],
    ['a plugin that is not listed', { lapyra: { contract: CONTRACT, plugins: {} as never } }],
    ['another kind', { lapyra: { contract: CONTRACT, plugins: { blank: 'dataset' } } }],
    ['no keyword', { keywords: [] }],
    ['CommonJS', { type: 'commonjs' }],
  ])('find %s', async (_, changed) => {
    expect(await failing(changed)).toEqual([0]);
  });

  it.each([
    ['no peer', { peerDependencies: {} as never }],
    ['a copy of core', { dependencies: { '@lapyra/core': '0.1.0' } }],
    ['a copy of tfjs-core', { dependencies: { '@tensorflow/tfjs-core': '4.22.0' } }],
  ])('find %s', async (_, changed) => {
    expect(await failing(changed)).toEqual([1]);
  });

  it.each([
    ['a use that leads elsewhere', { use: 'lapyra-level-blank#other' }],
    ['no summary', { summary: '' }],
  ])('find %s', async (_, changed) => {
    expect(await failing({}, withPlugin(changed))).toContain(2);
  });

  it('find options that take anything', async () => {
    expect(await failing({}, withPlugin({ options: schema(['width'], false) }))).toEqual([3]);
  });

  it('find a plugin that is listed and not there', async () => {
    expect(await failing({}, {})).toEqual([0]);
  });
});
