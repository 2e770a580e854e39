import { type ConditionSpec, LapyraError } from '@lapyra/core';
import { describe, expect, it } from 'vitest';
import { classOf } from './class-of.js';

const animals: ConditionSpec = { kind: 'classes', names: ['cat', 'dog', 'frog'] };

function refusal(condition: ConditionSpec, wanted: string): LapyraError {
  try {
    classOf(condition, wanted);
  } catch (error) {
    if (LapyraError.is(error)) return error;
    throw error;
  }
  throw new Error('expected a refusal');
}

describe('classOf', () => {
  it('finds a class by its name', () => {
    expect(classOf(animals, 'frog')).toEqual([2]);
    expect(classOf(animals, undefined)).toBeUndefined();
    expect(classOf({ kind: 'none' }, undefined)).toBeUndefined();
  });

  it('refuses an unknown one, with those that there are and the nearest', () => {
    expect(refusal(animals, 'frogg')).toMatchObject({
      code: 'LAPYRA_SAMPLE_OPTIONS',
      message: "class: expected one of cat, dog, frog, got 'frogg'.",
      hint: 'Did you mean frog?',
    });
  });

  it.each<ConditionSpec>([{ kind: 'none' }, { kind: 'embedding', width: 4 }])(
    'refuses a class where the condition is %j',
    (condition) => {
      expect(refusal(condition, 'cat')).toMatchObject({
        code: 'LAPYRA_SAMPLE_OPTIONS',
        message: 'class: expected a class-conditional pyramid, got one without classes.',
        hint: "Leave --class out, or train with condition: 'class'.",
      });
    },
  );
});
