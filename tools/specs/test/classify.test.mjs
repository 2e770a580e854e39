import { describe, expect, test } from 'vitest';
import { classify } from '../classify.mjs';
import { excludedSpecs } from '../excluded.mjs';
import { plainName } from '../names.mjs';

const result = (name, passed, ...messages) => ({ name, passed, messages });
const reasons = new Map([
  ['unique counts', 'Depends on values.'],
  ['fft turns', 'No complex numbers.'],
]);

describe('results of specs', () => {
  test('are passed, failed or excluded', () => {
    const { passed, failed, excluded } = classify(
      [
        result('add adds', true),
        result('mul multiplies', false, '6 is not 7'),
        result('unique counts', false, 'refused'),
        result('fft turns', false, 'refused'),
      ],
      reasons,
      true,
    );
    expect(passed.map(({ name }) => name)).toEqual(['add adds']);
    expect(failed).toEqual([result('mul multiplies', false, '6 is not 7')]);
    expect(excluded.map(({ name, reason }) => [name, reason])).toEqual([...reasons]);
  });

  test('fail where the list of exclusions is not true any more', () => {
    const { failed } = classify([result('unique counts', true)], reasons, true);
    expect(failed.map(({ name, messages }) => [name, ...messages])).toEqual([
      ['unique counts', 'It passes, but is excluded: Depends on values.'],
      ['fft turns', 'No spec has this name, but it is excluded: No complex numbers.'],
    ]);
  });

  test('say nothing of specs that were not asked for', () => {
    expect(classify([result('add adds', true)], reasons, false).failed).toEqual([]);
  });

  test('have the names without the environment', () => {
    expect(plainName('add onnxruntime {} adds')).toBe('add adds');
  });
});

describe('exclusions', () => {
  test('each have a sentence that says why', () => {
    expect(excludedSpecs().size).toBeGreaterThan(0);
    for (const reason of excludedSpecs().values()) expect(reason).toMatch(/^[A-Zt].{20,}\.$/);
  });
});
