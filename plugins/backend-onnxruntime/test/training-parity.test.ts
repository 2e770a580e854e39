// The same steps on ONNX Runtime, compiled, and on plain JavaScript, eager.
import { onnxruntimeCpu } from '@lapyra/backend-onnxruntime';
import { tfjsCpu } from '@lapyra/backend-tfjs';
import type { Backend, TensorValues } from '@lapyra/core';
import { expectClose, expectCloseInNorm } from '@lapyra/testing';
import { expect, it } from 'vitest';
import { BATCH, ganStep, type Optimiser, startState, stepInputs } from './gan-step.js';

async function train(
  backend: Backend,
  optimiser: Optimiser,
  rate: number,
): Promise<{ state: TensorValues; losses: TensorValues[] }> {
  const engine = await backend.open({ threads: 1 });
  const state = await engine.open(startState(optimiser));
  const program = await state.compile(ganStep(optimiser), BATCH);
  const losses: TensorValues[] = [];
  for (let step = 0; step < 5; step++) losses.push(await program.run(stepInputs(step, rate)));
  const result = { state: await state.read(), losses };
  await engine.dispose();
  return result;
}

it.each<[Optimiser, number]>([
  ['momentum', 0.1],
  ['adam', 0.01],
])('state after 5 steps with %s agrees with plain JavaScript', async (optimiser, rate) => {
  const start = startState(optimiser);
  const ours = await train(await onnxruntimeCpu.plugin.create({}, undefined), optimiser, rate);
  const oracle = await train(await tfjsCpu.plugin.create({}, undefined), optimiser, rate);
  expect(Object.keys(ours.state)).toEqual(Object.keys(start));
  for (const [name, tensor] of Object.entries(oracle.state)) {
    expectCloseInNorm(ours.state[name]!, tensor, { relative: 1e-4, absolute: 1e-4 * rate });
    expect(tensor.data, `${name} has moved`).not.toEqual(start[name]!.data);
  }
  ours.losses.forEach((losses, step) => {
    expectClose(losses['loss.g']!, oracle.losses[step]!['loss.g']!, { relative: 1e-4 });
    expectClose(losses['loss.d']!, oracle.losses[step]!['loss.d']!, { relative: 1e-4 });
  });
});
