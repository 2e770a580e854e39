import type { HostSampler, Level, TensorValues } from '@lapyra/core';
import { expect, it } from 'vitest';
import { createLevelSampler } from '../src/level-sampler.js';
import { toyPlace } from './toy-data.js';
import { createToyEngine } from './toy-engine.js';

it('closes each sampler on the host once, also when the next one cannot be opened', async () => {
  const closed: number[] = [];
  const sampler: HostSampler = {
    kind: 'host',
    open: async ({ number }: TensorValues) => {
      const own = number!.data[0]!;
      if (own === 3) throw new Error('no room');
      return {
        sample: () => Promise.reject(new Error('not asked for')),
        dispose: async () => void closed.push(own),
      };
    },
  };
  const level: Level = { place: toyPlace, noise: {}, output: 'band', sampler, training: null };
  const state = (own: number): TensorValues => ({
    number: { dtype: 'float32', shape: [], data: Float32Array.of(own) },
  });
  const opened = await createLevelSampler(createToyEngine(), level, state(1), 1);
  await opened.update(state(2));
  expect(closed).toEqual([1]);
  await expect(opened.update(state(3))).rejects.toThrow('no room');
  await opened.dispose();
  expect(closed).toEqual([1, 2]);
});
