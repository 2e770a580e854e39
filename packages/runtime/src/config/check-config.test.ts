import { LapyraError } from '@lapyra/core';
import { describe, expect, it } from 'vitest';
import { checkConfig } from './check-config.js';

const good = {
  data: { from: { use: 'some-dataset#images', options: {} }, crop: 8 },
  transform: { use: 'some-transform#t', options: {} },
  levels: [{ size: 8, steps: 10, model: { use: 'some-level#l', options: { width: 3 } } }],
};

function messageOf(value: unknown): string {
  try {
    checkConfig(value, 'lapyra.config.ts');
  } catch (error) {
    if (LapyraError.is(error)) return error.message;
    throw error;
  }
  return 'accepted';
}

describe('checkConfig', () => {
  it('accepts a config', () => {
    expect(checkConfig(good, 'lapyra.config.ts')).toEqual(good);
  });

  it('names every mistake at once, with its path', () => {
    const message = messageOf({
      ...good,
      sead: 1,
      data: { ...good.data, whitening: 'pixels', flip: 'yes' },
      levels: [
        { ...good.levels[0], stesp: 5, steps: -1 },
        { size: [8], steps: 10 },
      ],
    });
    expect(message.split('\n')[0]).toBe('lapyra.config.ts: 7 mistakes');
    expect(message).toContain("sead: unknown key; did you mean 'seed'?");
    expect(message).toContain(
      'data.whitening: expected ("pixel" | "channel" | "range"), got "pixels"',
    );
    expect(message).toContain('data.flip: expected boolean, got "yes"');
    expect(message).toContain("levels[0].stesp: unknown key; did you mean 'steps'?");
    expect(message).toContain('levels[0].steps: ');
    expect(message).toContain('levels[1].size');
    expect(message).toContain('levels[1].model: expected a value, got nothing');
  });

  it('refuses what does not survive JSON, by path', () => {
    const levels = [{ ...good.levels[0], steps: Number.NaN }];
    expect(messageOf({ ...good, levels })).toBe(
      'lapyra.config.ts.levels[0].steps: expected plain data, got NaN.',
    );
    const crop = Float32Array.of(8, 8);
    expect(messageOf({ ...good, data: { ...good.data, crop } })).toBe(
      'lapyra.config.ts.data.crop: expected plain data, got a Float32Array.',
    );
    expect(messageOf({ ...good, transform: () => good.transform })).toBe(
      'lapyra.config.ts.transform: expected plain data, got a function.',
    );
  });

  it('refuses scores of too few images, and a nearest of none', () => {
    const levels = [{ ...good.levels[0], scoreImages: 3, nearest: { k: 0, images: 1.5, n: 1 } }];
    const message = messageOf({ ...good, levels });
    expect(message).toContain('levels[0].scoreImages: expected >=4, got 3');
    expect(message).toContain('levels[0].nearest.k: ');
    expect(message).toContain('levels[0].nearest.images: ');
    expect(message).toContain('levels[0].nearest.n: unknown key');
    const least = [{ ...good.levels[0], scoreImages: 4, nearest: { k: 1 } }];
    expect(checkConfig({ ...good, levels: least }, '').levels).toEqual(least);
  });

  it('takes a condition by name, or an encoder of texts', () => {
    const text = { use: 'some-encoder#grams', options: { width: 8 } };
    for (const condition of ['none', 'class', 'embedding', { text }])
      expect(checkConfig({ ...good, condition }, '')).toEqual({ ...good, condition });
    const messages = ['texts', { texts: text }, { text: 'grams' }].map((condition) =>
      messageOf({ ...good, condition }),
    );
    expect(messages.map((message) => message.split('\n  ')[1])).toEqual([
      `condition: expected 'none', 'class', 'embedding' or { text: an encoder }, got "texts"`,
      'condition.text: expected a value, got nothing',
      'condition.text: expected Object, got "grams"',
    ]);
    expect(messages[1]).toContain('condition.texts: unknown key');
  });

  it('takes a level of another run by its folder alone', () => {
    const levels = [{ from: 'runs/a/levels/8' }, { ...good.levels[0], size: 14 }];
    expect(checkConfig({ ...good, levels }, '').levels).toEqual(levels);
    expect(messageOf({ ...good, levels: [{ from: 'runs/a/levels/8', steps: 5 }] })).toBe(
      'lapyra.config.ts: one mistake\n  levels[0].steps: unknown key',
    );
    expect(messageOf({ ...good, levels: [{ form: 'x', size: 8, model: {}, steps: 5 }] })).toContain(
      'levels[0].form: unknown key',
    );
    expect(messageOf({ ...good, levels: [{ from: 3 }] })).toContain('levels[0].from: ');
  });

  it('refuses a config without levels', () => {
    expect(messageOf({ ...good, levels: [] })).toContain('levels: expected at least one level');
  });
});
