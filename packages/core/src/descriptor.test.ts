import { describe, expect, it } from 'vitest';
import { assertJson, parseReference } from './descriptor.js';
import type { LapyraError } from './error.js';

describe('parseReference', () => {
  it('takes package names apart from exports', () => {
    expect(parseReference('@lapyra/level-adversarial#refine')).toEqual({
      packageName: '@lapyra/level-adversarial',
      exportName: 'refine',
    });
    expect(parseReference('my-level#$one_2').exportName).toBe('$one_2');
  });

  it.each([
    'refine',
    './refine.js#refine',
    '../x#y',
    '/etc/passwd#x',
    'node:fs#readFile',
    'https://example.org/x.js#y',
    'file:///x.js#y',
    'pack#',
    '#x',
    'pack#a.b',
    'pack#a#b',
    'Pack#a',
    '@scope#a',
    '.pack#a',
    'pack/sub#a',
    '',
  ])('refuses %j', (use) => {
    expect(() => parseReference(use)).toThrow(
      expect.objectContaining({ code: 'LAPYRA_PLUGIN_REFERENCE' }) as LapyraError,
    );
  });
});

describe('assertJson', () => {
  it('passes plain data', () => {
    const twice = { a: 1 };
    const value = { a: [1, 'x', null, true, { b: -0.5 }], c: undefined, twice: [twice, twice] };
    expect(() => assertJson(value, 'options')).not.toThrow();
    expect(() => assertJson(Object.create(null), 'options')).not.toThrow();
  });

  const cycle: { self?: unknown } = {};
  cycle.self = cycle;
  it.each([
    [{ f: () => 1 }, 'options.f: expected plain data, got a function.'],
    [{ a: [1, Number.NaN] }, 'options.a[1]: expected plain data, got NaN.'],
    [{ a: Infinity }, 'options.a: expected plain data, got Infinity.'],
    [{ a: new Float32Array(1) }, 'options.a: expected plain data, got a Float32Array.'],
    [{ a: new Date(0) }, 'options.a: expected plain data, got a Date.'],
    [{ a: [undefined] }, 'options.a[0]: expected plain data, got undefined.'],
    [{ a: 1n }, 'options.a: expected plain data, got a bigint.'],
    [cycle, 'options.self: expected plain data, got a cycle.'],
  ])('refuses %o', (value, message) => {
    expect(() => assertJson(value, 'options')).toThrow(
      expect.objectContaining({ code: 'LAPYRA_CONFIG_NOT_DATA', message }) as LapyraError,
    );
  });
});
