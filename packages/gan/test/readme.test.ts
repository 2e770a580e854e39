import { readFileSync } from 'node:fs';
import type { LevelPlace } from '@lapyra/core';
import { describe, expect, it } from 'vitest';
import { smallLevel } from './example.js';

const text = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8');

describe('README', () => {
  it('shows the example that is made here', () => {
    const [, block] = /```ts\n([^]*?)```/.exec(text('../README.md')) ?? [];
    expect(block).toBe(text('example.ts'));
  });

  it('has an example whose step wants the images that it needs, and no others', () => {
    const place: LevelPlace = {
      size: [14, 14],
      coarse: [8, 8],
      channels: 3,
      condition: { kind: 'none' },
      transform: 'box-bilinear',
      pixels: { mean: [0, 0, 0], scale: [1, 1, 1], exact: true },
    };
    const level = smallLevel(place, {
      batch: { real: 3, generated: 4, generator: 5 },
      loss: 'hinge',
      optimiser: { kind: 'adam', rate: 1e-3, beta1: 0.5, beta2: 0.9, decayFrom: 0, decayTo: 1 },
      average: 0,
    });
    expect(level.training).toMatchObject({
      programs: [
        {
          draws: {
            real: { count: 3, of: ['image'] },
            others: { count: 4, of: ['low'], mayBeGenerated: true },
            learning: { count: 5, of: ['low', 'band', 'paired'], mayBeGenerated: true },
          },
          noise: { judgedNoise: 4, learningNoise: 5 },
        },
      ],
    });
  });
});
