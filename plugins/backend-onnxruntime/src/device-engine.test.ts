// The engine whose state stays on the device, with every session and every tensor on the device counted.
import type { Engine, TensorProgram } from '@lapyra/core';
import { expectRefusal, float32, int32 } from '@lapyra/testing';
import { add, greater, max, mul, scalar, sum, tile, where } from '@tensorflow/tfjs-core';
import type { InferenceSession, Tensor } from 'onnxruntime-common';
import * as ort from 'onnxruntime-node';
import { afterEach, describe, expect, it } from 'vitest';
import { openAdapter } from './open-adapter.js';
import { createOrtEngine } from './ort-engine.js';
import { sessionOptions } from './ort-library.js';

const options = sessionOptions('webgpu', 1);
let missing: string | null = null;
let inSoftware = false;
try {
  inSoftware = (await openAdapter(ort, options)).includes('in software');
} catch (error) {
  missing = String(error);
}

interface Watched {
  readonly engine: Engine;
  readonly sessions: Set<InferenceSession>;
  /** Those that were made by a session, on the device, and not disposed of. */
  readonly tensors: Set<Tensor>;
  /** Where the results of the last run of a program lie, by name. */
  places: Record<string, Tensor.DataLocation>;
  /** What the next run of a program throws when it is done. */
  failure: string | undefined;
  /** What the next copy between host and device throws. */
  copyFailure: string | undefined;
}

const engines: Engine[] = [];
afterEach(async () => {
  for (const engine of engines.splice(0)) await engine.dispose();
});

function watched(): Watched {
  const sessions = new Set<InferenceSession>();
  const tensors = new Set<Tensor>();
  const create = async (
    file: Uint8Array,
    given?: InferenceSession.SessionOptions,
  ): Promise<InferenceSession> => {
    const session = await ort.InferenceSession.create(file, given);
    sessions.add(session);
    const { run, release } = session;
    session.run = async (...fed: unknown[]) => {
      const results = await (run as (...all: unknown[]) => ReturnType<typeof session.run>).apply(
        session,
        fed,
      );
      for (const tensor of Object.values(results)) keep(tensor);
      if (session.outputNames.includes('y')) {
        // Copies, not a program.
        const { copyFailure } = all;
        all.copyFailure = undefined;
        if (copyFailure !== undefined) throw new Error(copyFailure);
        return results;
      }
      all.places = Object.fromEntries(
        Object.entries(results).map(([name, { location }]) => [name, location]),
      );
      const { failure } = all;
      all.failure = undefined;
      if (failure !== undefined) throw new Error(failure);
      return results;
    };
    session.release = async () => {
      sessions.delete(session);
      return release.call(session);
    };
    return session;
  };
  const keep = (tensor: Tensor): void => {
    if (tensor.location !== 'gpu-buffer') return;
    tensors.add(tensor);
    const { dispose } = tensor;
    tensor.dispose = () => {
      tensors.delete(tensor);
      dispose.call(tensor);
    };
  };
  const InferenceSessionWatched = { create } as typeof ort.InferenceSession;
  const engine = createOrtEngine(
    'watched',
    {
      ort: { InferenceSession: InferenceSessionWatched, Tensor: ort.Tensor },
      device: 'here',
      sessionOptions: options,
      onDevice: true,
    },
    true,
  );
  engines.push(engine);
  const all: Watched = {
    engine,
    sessions,
    tensors,
    places: {},
    failure: undefined,
    copyFailure: undefined,
  };
  return all;
}

/** w ← w · by where `by` is positive; steps ← steps + 1. */
const grow: TensorProgram = {
  name: 'grow',
  reads: ['w', 'steps'],
  writes: ['w', 'steps'],
  inputs: { by: { dtype: 'float32', shape: [] } },
  outputs: { total: 'float32' },
  run: ({ w, steps }, { by }) => ({
    state: { w: where(greater(by!, 0), mul(w!, by!), w!), steps: add(steps!, scalar(1, 'int32')) },
    outputs: { total: sum(w!) },
  }),
};
const start = { w: float32([3], [1, 2, 3]), steps: int32([], [0]), kept: float32([1], [9]) };
const twice = { by: float32([], [2]) };
const why = missing === null ? '' : ` (skipped: ${missing})`;

describe.skipIf(missing !== null)(`an engine whose state is on the device${why}`, () => {
  it('brings nothing to the host but what is asked for', async () => {
    const all = watched();
    const state = await all.engine.open(start);
    const program = await state.compile(grow);
    await program.run(twice, { read: [] });
    expect(all.places).toEqual({ 'new/w': 'gpu-buffer', 'new/steps': 'gpu-buffer' });
    expect(await program.run(twice)).toEqual({ total: float32([], [12]) });
    expect(all.places).toMatchObject({ 'new/w': 'gpu-buffer', 'output/total': 'cpu' });
    expect(await state.read()).toEqual({
      w: float32([3], [4, 8, 12]),
      steps: int32([], [2]),
      kept: float32([1], [9]),
    });
  });

  it('leaves the state as it was when a run fails that has written', async () => {
    const all = watched();
    const state = await all.engine.open(start);
    const program = await state.compile(grow);
    await program.run(twice);
    all.failure = 'the device was lost';
    const { message } = await expectRefusal(program.run(twice), 'LAPYRA_ENGINE_RUN', 'watched');
    expect(message).toBe(
      "watched, program 'grow': failed: run: ONNX Runtime failed: the device was lost",
    );
    expect(await state.read(['w', 'steps'])).toEqual({
      w: float32([3], [2, 4, 6]),
      steps: int32([], [1]),
    });
    expect(await program.run(twice)).toEqual({ total: float32([], [12]) });
    expect(await state.read(['w'])).toEqual({ w: float32([3], [4, 8, 12]) });
  });

  it('says of which state values could not be read or written, which stays as it was', async () => {
    const all = watched();
    const state = await all.engine.open(start);
    const because = 'watched, state: failed: the device was lost';
    all.copyFailure = 'the device was lost';
    await expectRefusal(state.read(), 'LAPYRA_ENGINE_RUN', because);
    all.copyFailure = 'the device was lost';
    await expectRefusal(state.write({ kept: float32([1], [8]) }), 'LAPYRA_ENGINE_RUN', because);
    expect(await state.read()).toEqual(start);
  });

  // A card may well have the memory.
  it.skipIf(!inSoftware)('says when the device has too little memory, and goes on', async () => {
    const { engine } = watched();
    const state = await engine.open(start);
    const good = await state.compile(grow);
    const program = await state.compile({
      ...grow,
      name: 'huge',
      run: ({ w, steps }, { by }) => {
        const large = max(tile(add(w!, by!), [3e8])); // 3.6 GB
        return { state: { w: mul(w!, large), steps: steps! }, outputs: { total: large } };
      },
    });
    const { message, hint } = await expectRefusal(
      program.run(twice),
      'LAPYRA_ENGINE_MEMORY',
      "watched, program 'huge'",
    );
    expect(message).toMatch(/expected enough memory, got: .*(no room for a buffer|size limit)/);
    expect(hint).toContain('smaller batches');
    expect(await state.read(['w'])).toEqual({ w: start.w });
    await good.run(twice);
    expect(await state.read(['w'])).toEqual({ w: float32([3], [2, 4, 6]) });
  });

  it('takes as much memory after 1000 steps as after 100, and the same tensors', async () => {
    const all = watched();
    const state = await all.engine.open({
      ...start,
      w: float32([1 << 16], new Float32Array(1 << 16)),
    });
    const program = await state.compile(grow);
    const counts = new Set<number>();
    let before = 0;
    for (let step = 1; step <= 1000; step++) {
      await program.run(twice, { read: step % 2 === 0 ? ['total'] : [] });
      counts.add(all.tensors.size);
      if (step === 100) before = process.memoryUsage.rss();
    }
    // Three tensors, and a second one for each of the two that are written.
    expect([...counts]).toEqual([5]);
    // A tensor of 256 KiB a step would be 225 MiB.
    expect(process.memoryUsage.rss() - before).toBeLessThan(32 * 2 ** 20);
    expect((await state.read(['steps']))['steps']).toEqual(int32([], [1000]));
  });

  it('frees every tensor and session', async () => {
    const all = watched();
    const state = await all.engine.open(start);
    await (await state.compile(grow)).run(twice);
    await state.write({ w: float32([3], [7, 7, 7]) });
    expect(all.tensors.size).toBe(5);
    const other = await all.engine.open(start);
    expect(all.tensors.size).toBe(8);
    await other.dispose();
    expect(all.tensors.size).toBe(5);
    await all.engine.dispose();
    expect([all.tensors.size, all.sessions.size]).toEqual([0, 0]);
  });

  it('lets go of what it made for a state that could not be opened', async () => {
    const all = watched();
    const wrong = { dtype: 'float32', shape: [3], data: new Float32Array(2) } as const;
    await expectRefusal(all.engine.open({ ...start, wrong }), 'LAPYRA_ENGINE_STATE', "'wrong'");
    expect(all.tensors.size).toBe(0);
  });
});
