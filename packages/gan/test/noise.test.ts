// Noise designs as options, and as part of a network's input.
import '@tensorflow/tfjs-backend-cpu';
import { readFileSync } from 'node:fs';
import { noiseDesign, noisyNetwork } from '@lapyra/gan';
import { conv2d, inference, noisePlanes } from '@lapyra/nn';
import * as tf from '@tensorflow/tfjs-core';
import * as v from 'valibot';
import { beforeAll, describe, expect, it } from 'vitest';

beforeAll(() => tf.setBackend('cpu'));

describe('noiseDesign', () => {
  const drawn = { distribution: 'uniform', gain: null, gainPer: 'plane' };

  it.each([
    [{ design: 'none' }, {}],
    [{ design: 'plane' }, { planes: 1, ...drawn }],
    [{ design: 'vector', length: 8 }, drawn],
    [
      { design: 'low-rank', rank: 8 },
      { planes: 1, basis: 'learned', seed: 1, ...drawn },
    ],
    [
      { design: 'hashed', variables: 16 },
      { planes: 1, seed: 1, ...drawn },
    ],
    [
      { design: 'plane', distribution: 'normal', gain: 0, gainPer: 'all', planes: 2 },
      { distribution: 'normal', gain: 0, gainPer: 'all', planes: 2 },
    ],
  ])('fills %j in', (given, defaults) => {
    expect(v.parse(noiseDesign, given)).toEqual({ ...given, ...defaults });
  });

  it.each([
    [{ design: 'low-rang', rank: 8 }, 'but received "low-rang"'],
    [{ rank: 8 }, 'Expected ("none" | "plane" | "vector" | "low-rank" | "hashed")'],
    [{ design: 'low-rank' }, 'Expected "rank"'],
    [{ design: 'low-rank', rank: 0 }, 'Expected >=1'],
    [{ design: 'hashed', variables: 2.5 }, 'Invalid integer'],
    [{ design: 'vector', length: 3, planes: 2 }, 'Expected never but received "planes"'],
    [{ design: 'plane', distribution: 'gaussian' }, 'Expected ("uniform" | "normal")'],
    [{ design: 'plane', gain: Infinity }, 'Infinity'],
  ])('refuses %j', (given, message) => {
    const { issues = [] } = v.safeParse(noiseDesign, given);
    expect(issues.map((issue) => issue.message).join('; ')).toContain(message);
  });
});

describe('docs/noise.md', () => {
  const text = readFileSync(new URL('../../../docs/noise.md', import.meta.url), 'utf8');
  const rows = [...text.matchAll(/^\| `(\w+)` +\| (`[^`]+`|–) +\| ([^|]+?) +\|/gm)].map(
    ([, option, value, of]) => ({ option: option!, value: value!.replaceAll('`', ''), of: of! }),
  );
  const needed: Readonly<Record<string, number>> = { length: 3, rank: 3, variables: 3 };

  it.each([
    ['none', {}],
    ['plane', {}],
    ['vector', { length: 3 }],
    ['low-rank', { rank: 3 }],
    ['hashed', { variables: 3 }],
  ])('names each option of %s, with its default', (design, given) => {
    const own = rows.filter(({ of }) =>
      of === 'all but `none`' ? design !== 'none' : of.includes(`\`${design}\``),
    );
    const documented = own.map(({ option, value }): [string, unknown] => [
      option,
      value === '–' ? needed[option] : (JSON.parse(value) as unknown),
    ]);
    expect(v.parse(noiseDesign, { design, ...given })).toEqual({
      design,
      ...Object.fromEntries(documented),
    });
  });
});

describe('noisyNetwork', () => {
  const noise = noisePlanes(
    {
      design: 'low-rank',
      rank: 2,
      planes: 1,
      basis: 'learned',
      seed: 1,
      distribution: 'normal',
      gain: 0,
      gainPer: 'all',
    },
    [2, 2],
  );
  const net = noisyNetwork(
    conv2d({ in: 1 + 2, out: 1, kernel: 1, bias: false }),
    noise,
    ['low'],
    (state, inputs) => noise.prepend(state, inputs, inputs['low']!),
  );

  it('keeps what the noise has to learn with its own state', () => {
    expect(Object.keys(net.state).toSorted()).toEqual(['noise.basis', 'noise.gain', 'weight']);
    expect(net.wants).toEqual(['low']);
  });

  it('sees the noise in front of the images, worked by hand', () => {
    const state = {
      weight: tf.tensor4d([100, 10, 1], [1, 1, 3, 1]),
      'noise.basis': tf.tensor2d([
        [1, 2, 3, 4],
        [0, 0, 0, 1],
      ]),
      'noise.gain': tf.tensor1d([2]),
    };
    const low = tf.tensor4d([1, 2, 3, 4, 5, 6, 7, 8], [1, 2, 2, 2]);
    const z = tf.tensor2d([[1, -1]]);
    const drawn = net.apply(state, { z, low }, inference);
    // Noise 2·(1, 2, 3, 4 − 1), then 10 and 1 times the two channels.
    expect([...drawn.dataSync()]).toEqual([200 + 12, 400 + 34, 600 + 56, 600 + 78]);
  });
});
