import { describe, expect, it } from 'vitest';
import type { LapyraError } from './error.js';
import { countParameters, initialState } from './initial-state.js';
import type { StateTensor } from './state-tensor.js';
import { randomStream } from './random/random-stream.js';

const weight = (initial: StateTensor['initial'], shape = [40, 50]): StateTensor => ({
  shape,
  role: 'weight',
  initial,
});

describe('initialState', () => {
  it('fills, in every type', () => {
    const state = initialState(
      {
        ones: weight({ fill: 1 }, [2]),
        counter: { shape: [], role: 'optimiser', initial: { fill: -3 }, dtype: 'int32' },
        flags: { shape: [2], role: 'statistic', initial: { fill: 1 }, dtype: 'bool' },
      },
      1,
      '8',
    );
    expect(state).toEqual({
      ones: { dtype: 'float32', shape: [2], data: Float32Array.of(1, 1) },
      counter: { dtype: 'int32', shape: [], data: Int32Array.of(-3) },
      flags: { dtype: 'bool', shape: [2], data: Uint8Array.of(1, 1) },
    });
  });

  it('draws by seed, level and name', () => {
    const { w } = initialState({ w: weight({ uniform: [-0.5, 0.25] }) }, 7, '14');
    expect(w).toEqual({
      dtype: 'float32',
      shape: [40, 50],
      data: randomStream(7, 'initial', '14', 'w').uniform(2000, -0.5, 0.25),
    });
    const again = initialState(
      { v: weight({ fill: 0 }), w: weight({ uniform: [-0.5, 0.25] }) },
      7,
      '14',
    );
    expect(again['w']).toEqual(w);
    for (const [seed, level] of [
      [8, '14'],
      [7, '28'],
    ] as const) {
      const other = initialState({ w: weight({ uniform: [-0.5, 0.25] }) }, seed, level);
      expect(other['w']).not.toEqual(w);
    }
  });

  it('draws normal numbers with the given mean and deviation', () => {
    const { w } = initialState({ w: weight({ normal: [3, 0.5] }, [100, 100]) }, 1, '8');
    const data = [...w!.data];
    const mean = data.reduce((sum, x) => sum + x, 0) / 1e4;
    const deviation = Math.sqrt(data.reduce((sum, x) => sum + (x - mean) ** 2, 0) / 1e4);
    expect(Math.abs(mean - 3)).toBeLessThan(0.02); // 4 standard errors
    expect(Math.abs(deviation - 0.5)).toBeLessThan(0.015);
  });

  it('copies, through copies of copies, into arrays of their own', () => {
    const state = initialState(
      { c: weight({ copy: 'b' }), b: weight({ copy: 'a' }), a: weight({ normal: [0, 1] }) },
      1,
      '8',
    );
    expect(state['c']).toEqual(state['a']);
    expect(state['b']).toEqual(state['a']);
    expect(state['c']!.data).not.toBe(state['a']!.data);
  });

  it.each([
    [
      'a copy of nothing',
      { a: weight({ copy: 'x' }, [2]) },
      "a copy of 'x', a tensor of shape [2], float32, got no such tensor",
    ],
    [
      'a copy of itself',
      { a: weight({ copy: 'b' }, [2]), b: weight({ copy: 'a' }, [2]) },
      'got a copy of itself',
    ],
    [
      'a copy of another shape',
      { a: weight({ copy: 'b' }, [2]), b: weight({ fill: 1 }, [3]) },
      'got one of shape [3], float32',
    ],
    [
      'random whole numbers',
      { a: { ...weight({ normal: [0, 1] }), dtype: 'int32' as const } },
      'expected float32 for random numbers, got int32',
    ],
  ])('refuses %s', (_, state, message) => {
    expect(() => initialState(state, 1, '8')).toThrow(
      expect.objectContaining({
        code: 'LAPYRA_STATE_INITIAL',
        message: expect.stringContaining(message) as string,
      }) as LapyraError,
    );
  });
});

describe('initialState of given values', () => {
  const given = (values: Float32Array | Int32Array): StateTensor => ({
    shape: [2, 2],
    role: 'frozen',
    initial: { values },
  });

  it('copies them', () => {
    const values = Float32Array.of(1, 2, 3, 4);
    const { net } = initialState({ net: given(values) }, 1, '8');
    expect(net).toEqual({ dtype: 'float32', shape: [2, 2], data: values });
    expect(net!.data).not.toBe(values);
  });

  it('refuses too few, and those of another type', () => {
    expect(() => initialState({ net: given(Float32Array.of(1)) }, 1, '8')).toThrow(
      "initial state of 'net': expected 4 values in a Float32Array, got 1 in a Float32Array.",
    );
    expect(() => initialState({ net: given(Int32Array.of(1, 2, 3, 4)) }, 1, '8')).toThrow(
      'got 4 in a Int32Array.',
    );
  });
});

describe('countParameters', () => {
  it('counts weights alone', () => {
    expect(
      countParameters({
        w: weight({ fill: 0 }, [5, 5, 3, 64]),
        b: weight({ fill: 0 }, [64]),
        gain: weight({ fill: 0 }, []),
        average: { shape: [1000], role: 'average', initial: { copy: 'w' } },
        momentum: { shape: [1000], role: 'optimiser', initial: { fill: 0 } },
        mean: { shape: [64], role: 'statistic', initial: { fill: 0 } },
      }),
    ).toBe(4800 + 64 + 1);
  });
});
