import { readFile } from 'node:fs/promises';
import { isPlugin } from '@lapyra/core';
import { cifar10, CIFAR10_CLASSES } from '@lapyra/dataset-cifar10';
import { describe, expect, it } from 'vitest';

async function check(options: unknown): Promise<string[]> {
  const result = await cifar10.plugin.options['~standard'].validate(options);
  return (result.issues ?? []).map(({ message, path }) => {
    const keys = (path ?? []).map((part) => (typeof part === 'object' ? part.key : part));
    return `${keys.join('.')}: ${message}`;
  });
}

describe('cifar10', () => {
  it('is a descriptor in a config and a plugin of kind dataset', async () => {
    expect(cifar10({ classes: ['cat'] })).toEqual({
      use: '@lapyra/dataset-cifar10#cifar10',
      options: { classes: ['cat'] },
    });
    expect(isPlugin(cifar10)).toBe(true);
    expect(cifar10.plugin.kind).toBe('dataset');
    const file = new URL('../package.json', import.meta.url);
    const manifest = JSON.parse(await readFile(file, 'utf8')) as { lapyra: unknown };
    expect(manifest.lapyra).toEqual({ contract: 2, plugins: { cifar10: 'dataset' } });
  });

  it('fills in defaults and makes a dataset without touching anything', async () => {
    const result = await cifar10.plugin.options['~standard'].validate({});
    expect(result).toMatchObject({ value: { source: 'auto', classes: [...CIFAR10_CLASSES] } });
    if (result.issues) throw new Error('unexpected issues');
    expect((await cifar10.plugin.create(result.value, undefined)).name).toBe('CIFAR-10');
  });

  it('refuses options that it does not know, all at once', async () => {
    expect(await check({ source: 'web', clases: [] })).toEqual([
      'source: Invalid type: Expected ("auto" | "folder" | "archive" | "npm") but received "web"',
      'clases: Invalid key: Expected never but received "clases"',
    ]);
    expect(await check({ classes: ['cat', 'unicorn'] })).toEqual([
      expect.stringMatching(
        /^classes\.1: Invalid type: Expected \("airplane" .+received "unicorn"$/,
      ),
    ]);
    expect(await check({ classes: ['cat', 'cat'] })).toEqual([
      'classes: Expected each class once, got one of them twice',
    ]);
    expect(await check({ classes: [] })).toEqual([
      'classes: Expected at least one class, got none',
    ]);
    expect(await check({ folder: '' })).toEqual([
      'folder: Expected the path of a folder, got an empty string',
    ]);
  });
});
