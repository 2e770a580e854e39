import { describe, expect, it } from 'vitest';
import { applySettings } from './apply-settings.js';

const config = {
  seed: 1,
  data: { crop: 28 },
  levels: [
    { size: 8, steps: 100, model: { use: 'a#b', options: { width: 64 } } },
    { size: [14, 20], steps: 50, model: { use: 'a#b', options: {} } },
  ],
};

describe('applySettings', () => {
  it('changes values, levels by their size, and leaves the config as it was', () => {
    const changed = applySettings(config, [
      'seed=7',
      'levels.8.steps=5',
      'levels.14x20.model.options.kernels=[3,3]',
      'backend=onnxruntime-cpu',
    ]);
    expect(changed).toEqual({
      seed: 7,
      backend: 'onnxruntime-cpu',
      data: { crop: 28 },
      levels: [
        { size: 8, steps: 5, model: { use: 'a#b', options: { width: 64 } } },
        { size: [14, 20], steps: 50, model: { use: 'a#b', options: { kernels: [3, 3] } } },
      ],
    });
    expect(config.levels[0]!.steps).toBe(100);
  });

  it('puts a level of another run in the place of one, and calls it by its size from then on', () => {
    const swapped = applySettings(config, ['levels.8.from=runs/a/levels/8']);
    expect(swapped).toEqual({
      ...config,
      levels: [{ from: 'runs/a/levels/8' }, config.levels[1]],
    });
    expect(applySettings(swapped, ['levels.8.from=runs/b/levels/8'])).toMatchObject({
      levels: [{ from: 'runs/b/levels/8' }, {}],
    });
    expect(() => applySettings(swapped, ['levels.8.steps=5'])).toThrow(
      '--set levels.8.steps=5: level 8 is taken from another run, with nothing to set.',
    );
  });

  it('changes one level of several that share a descriptor', () => {
    const model = { use: 'a#b', options: { width: 64 } };
    const shared = {
      levels: [
        { size: 14, model },
        { size: 28, model },
      ],
    };
    expect(applySettings(shared, ['levels.14.model.options.width=48'])).toEqual({
      levels: [
        { size: 14, model: { use: 'a#b', options: { width: 48 } } },
        { size: 28, model },
      ],
    });
  });

  it('refuses a config that is not plain data, by its path', () => {
    expect(() => applySettings({ seed: () => 1 }, ['seed=2'])).toThrow(
      'config.seed: expected plain data, got a function.',
    );
  });

  it.each([
    ['seed', '--set seed: expected path=value, such as levels.14.steps=500.'],
    ['levels.9.steps=1', "--set levels.9.steps=1: there is no '9' to set something in"],
    ['dtaa.crop=8', "--set dtaa.crop=8: there is no 'dtaa' to set something in."],
    ['levels.8=3', '--set levels.8=3: name a value inside a level: levels.8.steps.'],
    ['__proto__.x=1', '--set __proto__.x=1: expected path=value'],
  ])('refuses %s', (setting, message) => {
    expect(() => applySettings(config, [setting])).toThrow(message);
  });

  it('names the nearest name', () => {
    expect(() => applySettings(config, ['dtaa.crop=8'])).toThrow(
      expect.objectContaining({ hint: "Did you mean 'data'?" }),
    );
  });
});
