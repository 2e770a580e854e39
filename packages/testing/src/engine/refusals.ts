import type { TensorProgram, TensorValues } from '@lapyra/core';
import { add, cast, mul, reshape, scalar } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { expectRefusal } from '../expect-refusal.js';
import { float32, int32, spread } from '../tensor-values.js';
import type { EngineHarness } from './harness.js';
import { affine, affineState } from './programs.js';

/** Bad input, and programs that break their word. */
export function describeRefusals(harness: EngineHarness): void {
  const { backend, withProgram } = harness;
  const { id } = backend;
  describe('refusals', () => {
    it.each([
      ['a missing input', {}, "'x'"],
      ['an unknown input', { x: float32([2, 3], spread(6, 1)), z: float32([], [1]) }, "'z'"],
      [
        'a wrong shape',
        { x: float32([3, 2], spread(6, 1)) },
        'expected float32 [2, 3], got float32 [3, 2]',
      ],
      [
        'a wrong batch',
        { x: float32([3, 3], spread(9, 1)) },
        'expected float32 [2, 3], got float32 [3, 3]',
      ],
      [
        'a wrong element type',
        { x: int32([2, 3], [1, 2, 3, 4, 5, 6]) },
        'expected float32 [2, 3], got int32 [2, 3]',
      ],
      ['too few numbers', { x: float32([2, 3], [1]) }, 'Float32Array of 1'],
      [
        'another array',
        { x: { ...float32([1, 1], []), data: new Int32Array(6), shape: [2, 3] } },
        'Int32Array',
      ],
    ])('refuses %s, saying what was expected and got', async (_, inputs: TensorValues, said) => {
      await withProgram(affine, affineState, 2, async ({ run }) => {
        const { message } = await expectRefusal(run(inputs), 'LAPYRA_ENGINE_INPUT', id);
        expect(message).toContain("'affine'");
        expect(message).toContain(said);
      });
    });

    it('refuses state that does not fit', async () => {
      const state = await harness.engine.open(affineState);
      const code = 'LAPYRA_ENGINE_STATE';
      await expectRefusal(
        state.write({ 'layer.w': float32([2, 3], spread(6, 1)) }),
        code,
        '[3, 2]',
      );
      await expectRefusal(state.write({ 'layer.b': int32([2], [1, 2]) }), code, 'int32 [2]');
      await expectRefusal(state.write({ other: float32([], [1]) }), code, "'other'");
      await expectRefusal(state.read(['other']), 'LAPYRA_ENGINE_NAME', "'other'");
      await expectRefusal(harness.engine.open({ n: float32([2], [1]) }), code, "'n'");
      expect(await state.read()).toEqual(affineState);
      await state.dispose();
    });

    it('refuses to compile for a state without the tensors, or without a batch', async () => {
      const state = await harness.engine.open({ 'layer.w': affineState['layer.w']! });
      await expectRefusal(state.compile(affine, 1), 'LAPYRA_ENGINE_STATE', "'layer.b'");
      const whole = await harness.engine.open(affineState);
      for (const batch of [undefined, 0, 1.5])
        await expectRefusal(whole.compile(affine, batch), 'LAPYRA_ENGINE_BATCH', "'affine'");
      await state.dispose();
      await whole.dispose();
    });

    it.each<[string, Partial<TensorProgram>]>([
      [
        'throws',
        {
          run: () => {
            throw new Error('no such luck');
          },
        },
      ],
      [
        'returns state of another shape',
        { run: ({ n }) => ({ state: { n: reshape(n!, [1]) }, outputs: { x: n! } }) },
      ],
      [
        'returns state of another type',
        { run: ({ n }) => ({ state: { n: cast(n!, 'int32') }, outputs: { x: n! } }) },
      ],
      ['returns too little state', { run: ({ n }) => ({ state: {}, outputs: { x: n! } }) }],
      [
        'returns too much state',
        { run: ({ n }) => ({ state: { n: n!, m: n! }, outputs: { x: n! } }) },
      ],
      ['forgets an output', { run: ({ n }) => ({ state: { n: add(n!, 1) }, outputs: {} }) }],
      [
        'returns an output of another type',
        { run: ({ n }) => ({ state: { n: add(n!, 1) }, outputs: { x: scalar(1, 'int32') } }) },
      ],
    ])('refuses a program that %s, and leaves the state as it was', async (_, wrong) => {
      const program: TensorProgram = {
        name: 'wrong',
        reads: ['n'],
        writes: ['n'],
        inputs: {},
        outputs: { x: 'float32' },
        run: ({ n }) => ({ state: { n: mul(n!, 2) }, outputs: { x: n! } }),
        ...wrong,
      };
      const state = await harness.engine.open({ n: float32([], [1]), m: float32([], [1]) });
      const attempt = state.compile(program).then((compiled) => compiled.run({}));
      const { message } = await expectRefusal(attempt, /^LAPYRA_ENGINE_(RUN|RESULT|COMPILE)$/, id);
      expect(message).toContain("'wrong'");
      expect(await state.read(['n'])).toEqual({ n: float32([], [1]) });
      await state.dispose();
    });
  });
}
