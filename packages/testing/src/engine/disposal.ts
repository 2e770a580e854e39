import { describe, expect, it } from 'vitest';
import { expectRefusal } from '../expect-refusal.js';
import { float32, spread } from '../tensor-values.js';
import type { EngineHarness } from './harness.js';
import { affine, affineState, convolution, convolutionState, count } from './programs.js';

/** The end of engines, states and programs. */
export function describeDisposal({ backend }: EngineHarness): void {
  const { id } = backend;
  const code = 'LAPYRA_ENGINE_DISPOSED';

  describe('disposal', () => {
    it('may be asked for twice', async () => {
      const other = await backend.open();
      const state = await other.open(affineState);
      const program = await state.compile(affine, 1);
      await program.dispose();
      await program.dispose();
      await state.dispose();
      await state.dispose();
      await other.dispose();
      await other.dispose();
    });

    it('ends the use of a program, a state and an engine', async () => {
      const other = await backend.open();
      const [first, second] = [await other.open(affineState), await other.open(affineState)];
      const x = float32([1, 3], [1, 2, 3]);
      const inFirst = await first.compile(affine, 1);
      const inSecond = await second.compile(affine, 1);
      await inFirst.dispose();
      await expectRefusal(inFirst.run({ x }), code, 'disposed');
      expect(await first.read(['layer.b'])).toEqual({ 'layer.b': affineState['layer.b'] });
      await first.dispose();
      await expectRefusal(first.read(), code, id);
      await expectRefusal(first.write({}), code, id);
      await expectRefusal(first.compile(affine, 1), code, id);
      await inSecond.run({ x });
      await other.dispose();
      await expectRefusal(inSecond.run({ x }), code, id);
      await expectRefusal(second.read(), code, id);
      await expectRefusal(other.open(affineState), code, id);
    });

    it('lets a run finish that has begun', async () => {
      const other = await backend.open();
      const state = await other.open({ n: float32([], [1]) });
      const program = await state.compile(count);
      const running = program.run({ by: float32([], [1]) }).then(
        ({ after }) => after?.data[0],
        (error: { code?: string }) => error.code,
      );
      await other.dispose();
      // Whether it counts as begun is the engine's business; it neither hangs nor crashes.
      expect([2, code]).toContain(await running);
    });
  });
}

/** That nothing stays behind, by a count of the tensors that are alive. */
export function describeLeaks({ backend }: EngineHarness, liveTensors: () => number): void {
  it('leaves no tensors behind', async () => {
    const before = liveTensors();
    const other = await backend.open();
    const state = await other.open({ ...convolutionState, n: float32([], [0]) });
    const opened = liveTensors();
    expect(opened).toBeGreaterThan(before);
    const counter = await state.compile(count);
    const program = await state.compile(convolution, 2);
    for (let step = 0; step < 3; step++) {
      await program.run({ image: float32([2, 4, 5, 2], spread(80, step)) });
      await counter.run({ by: float32([], [1]) }, { read: [] });
      await state.write({ n: float32([], [step]) });
      await state.read();
      expect(liveTensors()).toBe(opened);
    }
    await state.dispose();
    await other.dispose();
    expect(liveTensors()).toBe(before);
  });
}
