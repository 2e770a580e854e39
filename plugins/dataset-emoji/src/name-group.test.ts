import { describe, expect, it } from 'vitest';
import { nameGroups } from './name-group.js';

// Names and code points as Unicode has them.
const REAL: Readonly<Record<string, string>> = {
  '1F408': 'CAT',
  '1F431': 'CAT FACE',
  '1F408-200D-2B1B': 'BLACK CAT',
  '1F3C3': 'RUNNER',
  '1F3C3-200D-2640-FE0F': 'WOMAN RUNNING',
  '1F3C3-200D-2642-FE0F-200D-27A1-FE0F': 'MAN RUNNING FACING RIGHT',
  '1F468-200D-2695-FE0F': 'MAN HEALTH WORKER',
  '1F9D1-200D-2695-FE0F': 'HEALTH WORKER',
  '2695-FE0F': 'STAFF OF AESCULAPIUS',
  '1F468': 'MAN',
  '1F9D1': 'ADULT',
  '1F469-200D-1F9B0': 'WOMAN: RED HAIR',
  '1F468-200D-1F469-200D-1F466': 'FAMILY: MAN, WOMAN, BOY',
  '1F46A': 'FAMILY',
  '2764-FE0F': 'HEAVY BLACK HEART',
  '1F499': 'BLUE HEART',
  '1F1E6-1F1FD': 'Åland Islands Flag',
  '2640-FE0F': 'FEMALE SIGN',
};
const entries = Object.entries(REAL).map(([unified, name]) => ({ unified, name }));
const groupOf = nameGroups(entries);
const group = (name: string): string => groupOf(entries.find((entry) => entry.name === name)!);

describe('nameGroups', () => {
  it.each([
    ['a face and the whole animal', ['CAT', 'CAT FACE'], 'cat'],
    [
      'gender and direction, whatever the words',
      ['RUNNER', 'WOMAN RUNNING', 'MAN RUNNING FACING RIGHT'],
      'runner',
    ],
    ['gender of a profession', ['MAN HEALTH WORKER', 'HEALTH WORKER'], 'health worker'],
    ['hair', ['MAN', 'WOMAN: RED HAIR'], 'person'],
    ['who is in it', ['FAMILY', 'FAMILY: MAN, WOMAN, BOY'], 'family'],
  ])('puts together what differs in %s', (_, names, expected) => {
    expect(names.map(group)).toEqual(names.map(() => expected));
  });

  it('keeps apart what differs in more', () => {
    const names = [
      'BLACK CAT',
      'HEAVY BLACK HEART',
      'BLUE HEART',
      'STAFF OF AESCULAPIUS',
      'FEMALE SIGN',
    ];
    expect(names.map(group)).toEqual(names.map((name) => name.toLowerCase()));
    expect(group('Åland Islands Flag')).toBe('åland islands flag');
  });
});
