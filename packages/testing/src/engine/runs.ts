import type { TensorProgram } from '@lapyra/core';
import { add, greater, neg, sqrt, where } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { expectClose } from '../expect-close.js';
import { expectRefusal } from '../expect-refusal.js';
import { bool, float32, int32, spread, uint8 } from '../tensor-values.js';
import type { EngineHarness } from './harness.js';
import {
  affine,
  affineState,
  convolution,
  convolutionState,
  convolved,
  count,
  types,
} from './programs.js';

/** What a run computes and gives back. */
export function describeRuns(harness: EngineHarness): void {
  const { withProgram, closeness } = harness;
  describe('run', () => {
    it('computes x·w + b', async () => {
      const x = float32([2, 3], [1, 0, -1, 2, 1, 0]);
      await withProgram(affine, affineState, 2, async ({ run }) => {
        const { y, ...others } = await run({ x });
        expect(others).toEqual({});
        expect(y).toMatchObject({ dtype: 'float32', shape: [2, 2] });
        expectClose(y!, [-3.5, -4.5, 5.5, 7.5], closeness);
      });
    });

    it('computes a convolution, at any batch size', async () => {
      for (const batch of [1, 3, 64]) {
        const image = float32([batch, 4, 5, 2], spread(batch * 40, batch));
        await withProgram(convolution, convolutionState, batch, async ({ run }) => {
          const result = await run({ image });
          expect(result['features']?.shape).toEqual([batch, 4, 5, 3]);
          expectClose(result['features']!, convolved(image.data as Float32Array, batch), closeness);
        });
      }
    });

    it('takes and gives each element type', async () => {
      await withProgram(types, {}, 3, async ({ run }) => {
        const result = await run({
          byte: uint8([3, 2], [0, 1, 2, 50, 100, 127]),
          whole: int32([3], [-2, 0, 16777217]),
          flag: bool([3], [1, 0, 1]),
        });
        expect(result).toEqual({
          doubled: uint8([3, 2], [0, 2, 4, 100, 200, 254]),
          next: int32([3], [-1, 1, 16777218]),
          not: bool([3], [0, 1, 0]),
          quarter: float32([3, 2], [0, 0.25, 0.5, 12.5, 25, 31.75]),
        });
      });
    });

    it('takes arrays that are views into larger ones', async () => {
      await withProgram(types, {}, 1, async ({ run }) => {
        const bytes = Uint8Array.from([9, 9, 9, 3, 4, 9]).subarray(3, 5);
        const wholes = Int32Array.from([9, 9, 41, 9]).subarray(2, 3);
        const result = await run({
          byte: { dtype: 'uint8', shape: [1, 2], data: bytes },
          whole: { dtype: 'int32', shape: [1], data: wholes },
          flag: { dtype: 'bool', shape: [1], data: Uint8Array.from([0, 1]).subarray(1) },
        });
        expect(result).toEqual({
          doubled: uint8([1, 2], [6, 8]),
          next: int32([1], [42]),
          not: bool([1], [0]),
          quarter: float32([1, 2], [0.75, 1]),
        });
      });
      const w = Float32Array.from([9, 1, 2, 3, 4, 5, 6, 9]).subarray(1, 7);
      const state = {
        ...affineState,
        'layer.w': { dtype: 'float32', shape: [3, 2], data: w },
      } as const;
      await withProgram(affine, state, 1, async ({ run }) => {
        const x = Float32Array.from([9, 1, 0, -1]).subarray(1);
        const { y } = await run({ x: { dtype: 'float32', shape: [1, 3], data: x } });
        expectClose(y!, [-3.5, -4.5], closeness);
      });
    });

    it('gives the wanted outputs only, and still updates the state', async () => {
      await withProgram(count, { n: float32([], [1]) }, undefined, async ({ run, state }) => {
        const by = float32([], [2]);
        expect(await run({ by }, { read: ['after'] })).toEqual({ after: float32([], [3]) });
        expect(await run({ by }, { read: [] })).toEqual({});
        expect(await state.read()).toEqual({ n: float32([], [5]) });
        await expectRefusal(run({ by }, { read: ['later'] }), 'LAPYRA_ENGINE_NAME', "'later'");
        expect(await state.read()).toEqual({ n: float32([], [5]) });
      });
    });

    it('is pure and deterministic: same inputs, same bits; inputs and state stay', async () => {
      const image = float32([2, 4, 5, 2], spread(80, 11));
      const before = image.data.slice();
      await withProgram(convolution, convolutionState, 2, async ({ run, state }) => {
        const first = await run({ image });
        const second = await run({ image });
        expect(second).toEqual(first);
        expect(image.data).toEqual(before);
        expect(await state.read()).toEqual(convolutionState);
      });
    });

    it('passes NaN and infinities through', async () => {
      const program: TensorProgram = {
        name: 'not finite',
        reads: ['s'],
        writes: ['s'],
        inputs: { x: { dtype: 'float32', shape: [3] } },
        outputs: { root: 'float32' },
        run: (state, { x }) => ({
          state: { s: add(state['s']!, x!) },
          outputs: { root: sqrt(x!) },
        }),
      };
      await withProgram(program, { s: float32([3], [0, 0, 0]) }, undefined, async (at) => {
        const { root } = await at.run({ x: float32([3], [-1, Infinity, NaN]) });
        expect([...root!.data]).toEqual([NaN, Infinity, NaN]);
        const { s } = await at.state.read();
        expect([...s!.data]).toEqual([-1, Infinity, NaN]);
      });
    });

    it('keeps apart what a program returns twice or hands through', async () => {
      const program: TensorProgram = {
        name: 'hand through',
        reads: ['a', 'b'],
        writes: ['a', 'b'],
        inputs: { x: { dtype: 'float32', shape: [2] } },
        outputs: { x: 'float32', a: 'float32' },
        run: (state, { x }) => ({
          state: { a: x!, b: state['a']! },
          outputs: { x: x!, a: state['a']! },
        }),
      };
      const start = { a: float32([2], [1, 2]), b: float32([2], [3, 4]) };
      await withProgram(program, start, undefined, async ({ run, state }) => {
        const x = float32([2], [5, 6]);
        const given = await run({ x });
        expect(given).toEqual({ x: float32([2], [5, 6]), a: float32([2], [1, 2]) });
        // What the host does with its arrays must not reach the state.
        x.data.fill(99);
        for (const { data } of Object.values(given)) data.fill(99);
        for (const { data } of Object.values(await state.read())) data.fill(99);
        start.a.data.fill(99);
        expect(await state.read()).toEqual({ a: float32([2], [5, 6]), b: float32([2], [1, 2]) });
        await run({ x: float32([2], [7, 8]) });
        expect(await state.read()).toEqual({ a: float32([2], [7, 8]), b: float32([2], [5, 6]) });
      });
    });

    it('keeps apart what a program passes through by a condition', async () => {
      const program: TensorProgram = {
        name: 'pass through',
        reads: ['a', 'b'],
        writes: ['a'],
        inputs: { x: { dtype: 'float32', shape: [2] }, ok: { dtype: 'float32', shape: [] } },
        outputs: { b: 'float32' },
        run: (state, { x, ok }) => {
          const good = greater(ok!, 0);
          return {
            state: { a: where(good, neg(state['a']!), x!) },
            outputs: { b: where(good, neg(state['b']!), state['b']!) },
          };
        },
      };
      const start = { a: float32([2], [1, 2]), b: float32([2], [3, 4]) };
      await withProgram(program, start, undefined, async ({ run, state }) => {
        const x = float32([2], [5, 6]);
        const given = await run({ x, ok: float32([], [0]) });
        expect(given).toEqual({ b: float32([2], [3, 4]) });
        x.data.fill(99);
        for (const { data } of Object.values(given)) data.fill(99);
        expect(await state.read()).toEqual({ a: float32([2], [5, 6]), b: float32([2], [3, 4]) });
        expect(await run({ x, ok: float32([], [1]) })).toEqual({ b: float32([2], [-3, -4]) });
        expect(await state.read(['a'])).toEqual({ a: float32([2], [-5, -6]) });
      });
    });

    it('spreads the branch of a condition that is smaller than the other', async () => {
      const program: TensorProgram = {
        name: 'spread',
        reads: ['a'],
        writes: ['a'],
        inputs: { x: { dtype: 'float32', shape: [1] }, ok: { dtype: 'float32', shape: [] } },
        outputs: {},
        run: (state, { x, ok }) => ({
          state: { a: where(greater(ok!, 0), neg(state['a']!), x!) },
          outputs: {},
        }),
      };
      await withProgram(program, { a: float32([2], [1, 2]) }, undefined, async ({ run, state }) => {
        await run({ x: float32([1], [7]), ok: float32([], [0]) });
        expect(await state.read()).toEqual({ a: float32([2], [7, 7]) });
      });
    });
  });
}
