import { add, neg } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { bool, float32, int32, uint8 } from '../tensor-values.js';
import type { EngineHarness } from './harness.js';
import { count } from './programs.js';

/** State that lives in the engine. */
export function describeStates(harness: EngineHarness): void {
  const { backend, withProgram } = harness;
  describe('state', () => {
    it('reads back what was opened and written, in each element type', async () => {
      const values = {
        f: float32([2, 1], [1.5, -0.1]),
        i: int32([2], [7, -2147483648]),
        u: uint8([3], [0, 128, 255]),
        b: bool([], [1]),
      };
      const state = await harness.engine.open(values);
      expect(await state.read()).toEqual(values);
      await state.write({ u: uint8([3], [9, 8, 7]), f: float32([2, 1], [0, NaN]) });
      expect(await state.read(['u', 'f'])).toEqual({
        u: uint8([3], [9, 8, 7]),
        f: float32([2, 1], [0, NaN]),
      });
      expect(await state.read(['i', 'b'])).toEqual({ i: values.i, b: values.b });
      await state.dispose();
    });

    it('is shared by the programs that borrow it', async () => {
      const state = await harness.engine.open({ n: float32([], [1]), m: float32([], [10]) });
      const counter = await state.compile(count);
      const reader = await state.compile({
        name: 'sum',
        reads: ['n', 'm'],
        writes: ['m'],
        inputs: {},
        outputs: { sum: 'float32' },
        run: ({ n, m }) => ({ state: { m: neg(m!) }, outputs: { sum: add(n!, m!) } }),
      });
      await counter.run({ by: float32([], [4]) });
      expect(await reader.run({})).toEqual({ sum: float32([], [15]) });
      await counter.run({ by: float32([], [1]) });
      expect(await reader.run({})).toEqual({ sum: float32([], [-4]) });
      await state.write({ n: float32([], [100]) });
      expect(await reader.run({})).toEqual({ sum: float32([], [110]) });
      await counter.dispose();
      expect(await reader.run({})).toEqual({ sum: float32([], [90]) });
      await state.dispose();
    });

    it('takes runs that are asked for at once one after another', async () => {
      await withProgram(count, { n: float32([], [0]) }, undefined, async ({ run, state }) => {
        const asked = [1, 2, 3, 4].map((by) => run({ by: float32([], [by]) }));
        const results = await Promise.all(asked);
        expect(results.map(({ after }) => after!.data[0])).toEqual([1, 3, 6, 10]);
        expect(await state.read()).toEqual({ n: float32([], [10]) });
      });
    });

    it('gives the same to programs that read it when it is opened as fixed', async () => {
      const values = { n: float32([2], [1, -2]), m: float32([], [10]) };
      const state = await harness.engine.open(values, { fixed: true });
      const program = await state.compile({
        name: 'shifted',
        reads: ['n', 'm'],
        writes: [],
        inputs: { by: { dtype: 'float32', shape: [2] } },
        outputs: { sum: 'float32', n: 'float32' },
        run: ({ n, m }, { by }) => ({
          state: {},
          outputs: { sum: add(add(n!, m!), by!), n: neg(neg(n!)) },
        }),
      });
      const given = { by: float32([2], [0.5, 100]) };
      for (let round = 0; round < 2; round += 1)
        expect(await program.run(given)).toEqual({
          sum: float32([2], [11.5, 108]),
          n: values.n,
        });
      expect(await state.read()).toEqual(values);
      await state.dispose();
    });

    it('is apart from the state of another engine', async () => {
      const other = await backend.open();
      const [a, b] = await Promise.all([
        harness.engine.open({ n: float32([], [0]) }),
        other.open({ n: float32([], [100]) }),
      ]);
      const [inA, inB] = await Promise.all([a.compile(count), b.compile(count)]);
      const by = float32([], [1]);
      await Promise.all([inA.run({ by }), inB.run({ by }), inA.run({ by }), inB.run({ by })]);
      expect(await a.read()).toEqual({ n: float32([], [2]) });
      expect(await b.read()).toEqual({ n: float32([], [102]) });
      await other.dispose();
      expect(await a.read()).toEqual({ n: float32([], [2]) });
      await a.dispose();
    });
  });
}
