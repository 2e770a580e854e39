import { runInNewContext } from 'node:vm';
import { setFlagsFromString } from 'node:v8';
import { float32 } from '@lapyra/testing';
import { add, greater, scalar, where } from '@tensorflow/tfjs-core';
import * as ort from 'onnxruntime-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HostMemory } from './host-memory.js';
import { createOrtEngine } from './ort-engine.js';
import { sessionOptions } from './ort-library.js';

const has = 'transfer' in ArrayBuffer.prototype;

/** Node 20 hides the method from all contexts but those that are made after its flag was set. */
beforeAll(() => {
  if (has) return;
  setFlagsFromString('--harmony-rab-gsab-transfer');
  const transfer: unknown = runInNewContext('ArrayBuffer.prototype.transfer');
  Object.assign(ArrayBuffer.prototype, { transfer });
});
afterAll(() => {
  if (!has) Reflect.deleteProperty(ArrayBuffer.prototype, 'transfer');
});

const tensor = (...values: number[]): ort.Tensor =>
  new ort.Tensor('float32', Float32Array.from(values), [values.length]);

describe('HostMemory', () => {
  it('gives back at once what nobody holds any more', async () => {
    const memory = new HostMemory(ort, { a: float32([2], [1, 2]), b: float32([1], [3]) });
    const before = memory.current('a').data as Float32Array;
    const copies = await memory.read(['a', 'b']);
    memory.replace(new Map([['a', tensor(4, 5)]]));
    expect(before.byteLength).toBe(0);
    expect(await memory.read(['a', 'b'])).toEqual({
      a: float32([2], [4, 5]),
      b: float32([1], [3]),
    });
    expect(copies).toEqual({ a: float32([2], [1, 2]), b: float32([1], [3]) });
  });

  it('keeps what a run handed back as it was, also under another name', async () => {
    const memory = new HostMemory(ort, { a: float32([1], [1]), b: float32([1], [2]) });
    const [a, b] = [memory.current('a'), memory.current('b')];
    memory.replace(new Map([['a', a]]));
    memory.replace(
      new Map([
        ['a', b],
        ['b', a],
      ]),
    );
    expect(await memory.read(['a', 'b'])).toEqual({
      a: float32([1], [2]),
      b: float32([1], [1]),
    });
    memory.replace(new Map([['b', b]]));
    expect((a.data as Float32Array).byteLength).toBe(0);
    expect(await memory.read(['a', 'b'])).toEqual({ a: float32([1], [2]), b: float32([1], [2]) });
  });

  it('gives nothing back that a result of the same run still shows', async () => {
    const library = { ort, device: 'here', sessionOptions: sessionOptions('cpu', 1) };
    const engine = createOrtEngine('here', library, true);
    const state = await engine.open({ w: float32([2], [1, 2]) });
    const program = await state.compile({
      name: 'grow',
      reads: ['w'],
      writes: ['w'],
      inputs: { by: { dtype: 'float32', shape: [] } },
      outputs: { before: 'float32' },
      run: ({ w }, { by }) => {
        const grown = add(w!, by!);
        return {
          state: { w: grown },
          outputs: { before: where(greater(by!, scalar(9)), grown, w!) },
        };
      },
    });
    expect(await program.run({ by: float32([], [1]) })).toEqual({ before: float32([2], [1, 2]) });
    expect(await state.read()).toEqual({ w: float32([2], [2, 3]) });
    await engine.dispose();
  });
});
