import { type Engine, LapyraError, type TensorProgram } from '@lapyra/core';
import { expectRefusal, float32 } from '@lapyra/testing';
import { add, matMul, type Tensor2D } from '@tensorflow/tfjs-core';
import type { InferenceSession } from 'onnxruntime-common';
import * as ort from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { createOrtEngine } from './ort-engine.js';
import { sessionOptions } from './ort-library.js';

/** An engine whose sessions are counted, and made to fail on demand. */
function watched(): {
  engine: Engine;
  live: Set<InferenceSession>;
  options: (InferenceSession.SessionOptions | undefined)[];
  failing: { message: string | undefined };
} {
  const live = new Set<InferenceSession>();
  const options: (InferenceSession.SessionOptions | undefined)[] = [];
  const failing: { message: string | undefined } = { message: undefined };
  const create = async (
    file: Uint8Array,
    given?: InferenceSession.SessionOptions,
  ): Promise<InferenceSession> => {
    const session = await ort.InferenceSession.create(file, given);
    live.add(session);
    // Before its first program the compiler tries which convolutions this processor has, with options of its own.
    if (given?.executionProviders) options.push(given);
    const { run, release } = session;
    session.run = async (...fed: unknown[]) => {
      if (failing.message) throw new Error(failing.message);
      return (run as (...all: unknown[]) => ReturnType<typeof session.run>).apply(session, fed);
    };
    session.release = async () => {
      expect(live.delete(session), 'a session is released once').toBe(true);
      return release.call(session);
    };
    return session;
  };
  const InferenceSessionWatched = { create } as typeof ort.InferenceSession;
  const library = {
    ort: { InferenceSession: InferenceSessionWatched, Tensor: ort.Tensor },
    device: 'here',
    sessionOptions: sessionOptions('cpu', 1),
  };
  return { engine: createOrtEngine('watched', library, true), live, options, failing };
}

const count: TensorProgram = {
  name: 'count',
  reads: ['n'],
  writes: ['n'],
  inputs: { by: { dtype: 'float32', shape: [] } },
  outputs: { n: 'float32' },
  run: (state, { by }) => {
    const n = add(state['n']!, by!);
    return { state: { n }, outputs: { n } };
  },
};

const by = float32([], [1]);

describe('createOrtEngine', () => {
  it('refuses to change a state that was opened as fixed', async () => {
    const { engine } = watched();
    const state = await engine.open({ n: float32([], [1]) }, { fixed: true });
    const hint = 'Open the state without fixed.';
    await expectRefusal(
      state.compile(count),
      'LAPYRA_ENGINE_STATE',
      "watched, program 'count': expected that a state opened as fixed stays as it is, got a program that writes it.",
    ).then((error) => expect(error.hint).toBe(hint));
    await expectRefusal(
      state.write({ n: float32([], [2]) }),
      'LAPYRA_ENGINE_STATE',
      'watched: expected that a state opened as fixed stays as it is, got new values.',
    );
    expect(await state.read()).toEqual({ n: float32([], [1]) });
    await engine.dispose();
  });

  it('makes one session for a program, with the options of the library', async () => {
    const { engine, live, options } = watched();
    const state = await engine.open({ n: float32([], [0]) });
    const program = await state.compile(count);
    await program.run({ by });
    await program.run({ by });
    expect(live.size).toBe(1);
    expect(options).toEqual([
      expect.objectContaining({
        executionProviders: ['cpu'],
        intraOpNumThreads: 1,
        executionMode: 'sequential',
        enableMemPattern: false,
        extra: {
          session: expect.objectContaining({
            intra_op: { allow_spinning: '1', spin_duration_us: '50' },
          }),
        },
      }),
    ]);
    await engine.dispose();
  });

  it('releases the sessions of programs, states and models', async () => {
    const { engine, live } = watched();
    const state = await engine.open({ n: float32([], [0]) });
    const programs = [await state.compile(count), await state.compile(count)];
    const other = await (await engine.open({ n: float32([], [0]) })).compile(count);
    await other.run({ by });
    expect(live.size).toBe(3);
    await programs[0]!.dispose();
    expect(live.size).toBe(2);
    await state.dispose();
    expect(live.size).toBe(1);
    await engine.dispose();
    expect(live.size).toBe(0);
    await Promise.all([...programs, other, state].map((part) => part.dispose()));
  });

  it('leaves the state as it was when ONNX Runtime fails, and goes on afterwards', async () => {
    const { engine, failing } = watched();
    const state = await engine.open({ n: float32([], [5]) });
    const program = await state.compile(count);
    failing.message = 'the device was lost';
    const error: unknown = await program.run({ by }).catch((reason: unknown) => reason);
    expect(LapyraError.is(error, 'LAPYRA_ENGINE_RUN')).toBe(true);
    expect(String(error)).toContain("watched, program 'count'");
    expect(String(error)).toContain('the device was lost');
    expect(await state.read()).toEqual({ n: float32([], [5]) });
    failing.message = undefined;
    expect(await program.run({ by })).toEqual({ n: float32([], [6]) });
    await engine.dispose();
  });

  it('ends a run that has begun before it releases the session', async () => {
    const { engine, live } = watched();
    const state = await engine.open({ n: float32([], [0]) });
    const program = await state.compile(count);
    const runs = [program.run({ by }), program.run({ by })];
    await Promise.resolve();
    await program.dispose();
    expect(live.size).toBe(0);
    const settled = await Promise.allSettled(runs);
    expect(settled.map(({ status }) => status)).toContain('rejected');
    expect(settled.every((one) => one.status === 'fulfilled' || LapyraError.is(one.reason))).toBe(
      true,
    );
    await engine.dispose();
  });

  it('counts the cost of a program without running it, and measures the machine once', async () => {
    const { engine, live, options } = watched();
    const product: TensorProgram = {
      name: 'product',
      reads: ['w'],
      writes: [],
      inputs: { x: { dtype: 'float32', shape: [null, 30] } },
      outputs: { y: 'float32' },
      run: ({ w }, { x }) => ({
        state: {},
        outputs: { y: matMul(x as Tensor2D, w as Tensor2D) },
      }),
    };
    const state = { w: float32([30, 20], new Float32Array(600)) };
    const small = await engine.cost!(product, state, 10);
    const large = await engine.cost!(product, state, 1000);
    expect(small.flop).toBe(2 * 10 * 30 * 20);
    expect(large.flop).toBe(2 * 1000 * 30 * 20);
    expect(large.bytes).toBeGreaterThanOrEqual(4 * (1000 * 30 + 30 * 20 + 1000 * 20));
    expect(large.seconds / small.seconds).toBeCloseTo(100, 6);
    expect(small.seconds).toBeGreaterThan(0);
    expect(options).toHaveLength(1);
    expect(live.size).toBe(0);
    await expect(engine.cost!(product, {}, 1)).rejects.toMatchObject({
      code: 'LAPYRA_ENGINE_STATE',
    });
    await expect(engine.cost!(product, state)).rejects.toMatchObject({
      code: 'LAPYRA_ENGINE_BATCH',
    });
    await engine.dispose();
  });
});
