import { describe, expect, it } from 'vitest';
import { pluginNames } from '../lib/plugin-names.mjs';
import { Refusal } from '../lib/refusal.mjs';

describe('pluginNames', () => {
  it.each([
    [
      'my-fast-thing',
      undefined,
      'lapyra-level-my-fast-thing',
      'lapyra-level-my-fast-thing',
      'myFastThing',
    ],
    ['@me/thing', undefined, '@me/level-thing', 'level-thing', 'thing'],
    ['thing', 'lapyra', '@lapyra/level-thing', 'level-thing', 'thing'],
    ['level-thing', undefined, 'lapyra-level-thing', 'lapyra-level-thing', 'thing'],
    ['lapyra-level-thing', undefined, 'lapyra-level-thing', 'lapyra-level-thing', 'thing'],
    ['class', undefined, 'lapyra-level-class', 'lapyra-level-class', 'levelClass'],
    ['3d', undefined, 'lapyra-level-3d', 'lapyra-level-3d', 'level3d'],
    ['level', undefined, 'lapyra-level-level', 'lapyra-level-level', 'level'],
  ])('of %s in scope %s', (name, scope, packageName, folder, exportName) => {
    expect(pluginNames('level', name, scope)).toMatchObject({ packageName, folder, exportName });
  });

  it.each([
    '',
    'My-Level',
    'my level',
    'my_level',
    '../level',
    'a/b',
    '@me/',
    '-level',
    'level-',
    'a--b',
    'ünder',
    'x'.repeat(214),
  ])("refuses the name '%s'", (name) => {
    expect(() => pluginNames('level', name)).toThrow(Refusal);
    expect(() => pluginNames('level', name)).toThrow(/^name: expected .*, got /);
  });

  it('refuses a scope where there is one already', () => {
    expect(() => pluginNames('level', '@me/thing', 'lapyra')).toThrow('without a scope');
  });
});
