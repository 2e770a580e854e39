import type { Tensor } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import type { LapyraError } from './error.js';
import { hostSampler } from './host-sampler.js';
import type { Level } from './level.js';
import { levelProgram } from './level-program.js';
import { plane } from './noise.js';
import type { TensorTransform } from './transform.js';

// Programs only pass tensors on: any objects do in their place.
const tensor = (label: string): Tensor => ({ label }) as unknown as Tensor;
const transform: TensorTransform = {
  downsample: () => tensor('d'),
  upsample: (coarse, size) => tensor(`u(${labelOf(coarse)}, ${size.join('x')})`),
  join: (low, band) => tensor(`${labelOf(low)} + ${labelOf(band)}`),
  views: () => ({ image: tensor('image'), coarse: null, low: null, band: null }),
};
function labelOf(x: Tensor | undefined): string {
  return (x as unknown as { label: string } | undefined)?.label ?? 'missing';
}

const level: Level = {
  place: {
    size: [14, 20],
    coarse: [7, 10],
    channels: 3,
    condition: { kind: 'classes', names: ['cat', 'dog'] },
    transform: 'box-bilinear',
    pixels: { mean: [127.5, 127.5, 127.5], scale: [64, 64, 64], exact: false },
  },
  noise: { plane: plane([14, 20]) },
  output: 'band',
  sampler: {
    name: 'sampler',
    reads: ['w'],
    writes: [],
    inputs: { low: { dtype: 'float32', shape: [null, 14, 20, 3] } },
    outputs: { band: 'float32' },
    run: (state, inputs) => ({
      state: {},
      outputs: { band: tensor(`band(${labelOf(state['w'])}, ${labelOf(inputs['low'])})`) },
    }),
  },
  training: null,
};
const run = (of: Level): string =>
  labelOf(
    levelProgram(of, transform).run({ w: tensor('w') }, { coarse: tensor('coarse') }).outputs[
      'image'
    ],
  );

describe('levelProgram', () => {
  it('declares what the place and the noise say', () => {
    expect(levelProgram(level, transform)).toMatchObject({
      name: 'level 14x20',
      reads: ['w'],
      writes: [],
      inputs: {
        coarse: { dtype: 'float32', shape: [null, 7, 10, 3] },
        condition: { dtype: 'float32', shape: [null, 2] },
        'noise.plane': { dtype: 'float32', shape: [null, 14, 20, 1] },
      },
      outputs: { image: 'float32' },
    });
    const first = levelProgram(
      { ...level, noise: {}, place: { ...level.place, coarse: null, condition: { kind: 'none' } } },
      transform,
    );
    expect(first.inputs).toEqual({});
  });

  it('upsamples in front and adds a band behind', () => {
    expect(run(level)).toBe('u(coarse, 14x20) + band(w, u(coarse, 14x20))');
  });

  it('takes an image as it is', () => {
    const sampler = {
      ...level.sampler,
      run: () => ({ state: {}, outputs: { image: tensor('whole') } }),
    };
    expect(run({ ...level, output: 'image', sampler })).toBe('whole');
  });

  it('refuses host samplers and missing outputs', () => {
    const host = hostSampler(() => Promise.reject(new Error('unused')));
    expect(() => levelProgram({ ...level, sampler: host }, transform)).toThrow(
      expect.objectContaining({ code: 'LAPYRA_LEVEL_HOST' }) as LapyraError,
    );
    const sampler = { ...level.sampler, run: () => ({ state: {}, outputs: {} }) };
    expect(() => run({ ...level, sampler })).toThrow(
      expect.objectContaining({
        code: 'LAPYRA_LEVEL_OUTPUT',
        message: "level 14x20: expected an output 'band', got none.",
      }) as LapyraError,
    );
  });
});
