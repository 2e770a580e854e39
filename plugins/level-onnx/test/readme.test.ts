import { readFileSync } from 'node:fs';
import { generate, upscale } from '@lapyra/level-onnx';
import { describe, expect, it } from 'vitest';

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');

describe('README', () => {
  it.each([
    ['upscale', upscale.plugin.options, { file: 'a.onnx', ratio: 2 }],
    ['generate', generate.plugin.options, { file: 'a.onnx', noise: { shape: [1] } }],
  ] as const)('names each option of %s, with its default', async (name, options, required) => {
    const [, after] = readme.split(`\n## Options of ${name}\n`);
    const documented = after!
      .split('\n## ')[0]!
      .split(/^### /m)
      .slice(1)
      .map((text): [string, unknown] => {
        const [path] = text.split('\n');
        const [, value] = /Default: `([^`]+)`/.exec(text) ?? [];
        return [path!, value === undefined ? 'required' : JSON.parse(value)];
      });
    const result = await options['~standard'].validate(required);
    if (result.issues) throw new Error('expected options that are accepted');
    const flat = (value: object, before = ''): [string, unknown][] =>
      Object.entries(value).flatMap(([key, inside]: [string, unknown]) =>
        typeof inside === 'object' && inside !== null && !Array.isArray(inside)
          ? flat(inside, `${before}${key}.`)
          : [[before + key, inside]],
      );
    const given = new Set(flat(required).map(([path]) => path));
    const expected = flat(result.value).map(([path, value]) => [
      path,
      given.has(path) ? 'required' : value,
    ]);
    expect(Object.fromEntries(documented)).toEqual(Object.fromEntries(expected));
  });
});
