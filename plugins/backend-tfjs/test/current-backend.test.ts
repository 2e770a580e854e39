// tfjs has one current backend in a process. These tests stand in the user's shoes.
import type { Backend, TensorProgram } from '@lapyra/core';
import { tfjsCpu, tfjsWasm } from '@lapyra/backend-tfjs';
import { float32 } from '@lapyra/testing';
import {
  add,
  copyRegisteredKernels,
  findBackend,
  getBackend,
  type KernelBackend,
  registerBackend,
  setBackend,
  tensor,
} from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';

const seen: string[] = [];
const program: TensorProgram = {
  name: 'sum',
  reads: ['n'],
  writes: ['n'],
  inputs: { by: { dtype: 'float32', shape: [] } },
  outputs: { n: 'float32' },
  run: (state, { by }) => {
    seen.push(getBackend());
    const n = add(state['n']!, by!);
    return { state: { n }, outputs: { n } };
  },
};

async function runOn(backend: Backend, { fail = false } = {}): Promise<number | undefined> {
  const engine = await backend.open();
  const state = await engine.open({ n: float32([], [1]) });
  const compiled = await state.compile({
    ...program,
    run: (...given) => {
      const result = program.run(...given);
      if (fail) throw new Error('on purpose');
      return result;
    },
  });
  try {
    const { n } = await compiled.run({ by: float32([], [2]) });
    return n?.data[0];
  } finally {
    await engine.dispose();
  }
}

const cpu = await tfjsCpu.plugin.create({}, undefined);
const wasm = await tfjsWasm.plugin.create({}, undefined);

describe('the current backend of tfjs', () => {
  it('stays unchosen while nobody has chosen one', async () => {
    expect(getBackend()).toBeFalsy();
    expect(await runOn(wasm)).toBe(3);
    expect(await runOn(cpu)).toBe(3);
    expect(seen).toEqual(['wasm', 'cpu']);
    expect(getBackend()).toBeFalsy();
  });

  it('is not made wasm by having probed it: plain use of tfjs works as without', async () => {
    await wasm.probe();
    expect([...add(tensor([1, 2]), 1).dataSync()]).toEqual([2, 3]);
    expect(getBackend()).toBe('cpu');
  });

  it('is the chosen one again after a run, also after one that fails', async () => {
    await setBackend('cpu');
    expect(await runOn(wasm)).toBe(3);
    expect(getBackend()).toBe('cpu');
    await expect(runOn(wasm, { fail: true })).rejects.toMatchObject({ code: 'LAPYRA_ENGINE_RUN' });
    expect(getBackend()).toBe('cpu');
    await setBackend('wasm');
    expect(await runOn(cpu)).toBe(3);
    expect(getBackend()).toBe('wasm');
    await setBackend('cpu');
  });

  it('never shows to code that runs between the turns of two busy engines', async () => {
    const watched: string[] = [];
    const runs = Promise.all([cpu, wasm, cpu, wasm].map((backend) => runOn(backend)));
    const finished: unknown[] = [];
    void runs.then((sums) => finished.push(...sums));
    while (finished.length === 0) {
      watched.push(getBackend());
      await Promise.resolve();
    }
    expect(finished).toEqual([3, 3, 3, 3]);
    expect(watched.length).toBeGreaterThan(4);
    expect(new Set(watched)).toEqual(new Set(['cpu']));
  });

  it('waits for a backend that the user is starting', async () => {
    let arrive: ((started: KernelBackend) => void) | undefined;
    copyRegisteredKernels('cpu', 'slow');
    registerBackend('slow', () => new Promise<KernelBackend>((resolve) => (arrive = resolve)));
    const starting = setBackend('slow');
    const run = runOn(cpu);
    // The stand-in is the started cpu backend under another name.
    setTimeout(() => arrive?.(findBackend('cpu')), 20);
    expect(await run).toBe(3);
    expect(await starting).toBe(true);
    expect(getBackend()).toBe('slow');
    await setBackend('cpu');
  });
});
