// What the compiler refuses reaches the user once wrapped: with the backend, the program, the operation and the way out.
import { onnxruntimeCpu } from '@lapyra/backend-onnxruntime';
import { type Engine, LapyraError, type TensorProgram } from '@lapyra/core';
import { float32 } from '@lapyra/testing';
import { add, grads, randomUniform, tensor, topk, unique } from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { afterAll, beforeAll, expect, it } from 'vitest';

let engine: Engine;
beforeAll(async () => {
  engine = await (await onnxruntimeCpu.plugin.create({}, undefined)).open();
});
afterAll(() => engine.dispose());

const outside = tensor([1, 2]); // on a tfjs backend of its own

it.each<[string, TensorProgram['run'], RegExp]>([
  [
    'hidden randomness',
    (_, { x }) => ({ state: {}, outputs: { y: add(x!, randomUniform([2])) } }),
    /random/i,
  ],
  [
    'a tensor from outside',
    (_, { x }) => ({ state: {}, outputs: { y: add(x!, outside) } }),
    /outside|captur|input/i,
  ],
  [
    'reading of values',
    (_, { x }) => ({ state: {}, outputs: { y: add(x!, x!.dataSync()[0]!) } }),
    /read|dataSync/i,
  ],
  [
    'an operation without a lowering',
    (_, { x }) => ({ state: {}, outputs: { y: unique(x!).values } }),
    /unique/i,
  ],
  [
    'an operation without a gradient',
    (_, { x }) => ({ state: {}, outputs: { y: grads((a) => topk(a, 1).values)([x!])[0]! } }),
    /TopK/,
  ],
])('refuses %s', async (_, run, said) => {
  const state = await engine.open({});
  const program: TensorProgram = {
    name: 'p',
    reads: [],
    writes: [],
    inputs: { x: { dtype: 'float32', shape: [2] } },
    outputs: { y: 'float32' },
    run,
  };
  const error: unknown = await state.compile(program).catch((reason: unknown) => reason);
  expect(LapyraError.is(error, 'LAPYRA_ENGINE_COMPILE')).toBe(true);
  const { message, hint, cause } = error as LapyraError;
  expect(message).toMatch(/^onnxruntime-cpu, program 'p': /);
  expect(message).toMatch(said);
  expect(cause).toBeInstanceOf(Error);
  expect(hint).toBe((cause as { hint?: string }).hint);
  // The engine goes on.
  const good = await state.compile({
    ...program,
    run: (__, { x }) => ({ state: {}, outputs: { y: add(x!, 1) } }),
  });
  expect(await good.run({ x: float32([2], [1, 2]) })).toEqual({ y: float32([2], [2, 3]) });
  await state.dispose();
});
