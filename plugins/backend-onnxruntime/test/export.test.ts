import { onnxruntimeCpu, onnxruntimeWeb } from '@lapyra/backend-onnxruntime';
import { tfjsCpu } from '@lapyra/backend-tfjs';
import type { Engine, TensorProgram, TensorValues } from '@lapyra/core';
import { expectClose, float32, int32, spread } from '@lapyra/testing';
import {
  add,
  cast,
  clipByValue,
  concat,
  matMul,
  mul,
  oneHot,
  reshape,
  round,
  scalar,
  type Tensor1D,
  type Tensor2D,
} from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sampler, startState } from './gan-step.js';

let node: Engine;
let web: Engine;
beforeAll(async () => {
  node = await (await onnxruntimeCpu.plugin.create({}, undefined)).open();
  web = await (await onnxruntimeWeb.plugin.create({}, undefined)).open();
});
afterAll(async () => {
  await node.dispose();
  await web.dispose();
});

const weights: TensorValues = startState('momentum');

function sampleInputs(batch: number): TensorValues {
  return {
    low: float32([batch, 6, 6, 3], spread(batch * 108, batch)),
    noise: float32([batch, 6, 6, 1], spread(batch * 36, batch + 1)),
  };
}

describe('an exported sampler', () => {
  it('takes labels as int64 where it is asked for', async () => {
    const program: TensorProgram = {
      name: 'labelled',
      reads: [],
      writes: [],
      inputs: { class: { dtype: 'int32', shape: [null] } },
      outputs: { y: 'float32' },
      run: (_, inputs) => ({ state: {}, outputs: { y: cast(inputs['class']!, 'float32') } }),
    };
    const model = await node.load!(await node.export!(program, {}, { wideInputs: ['class'] }));
    expect(model.inputs).toEqual([{ name: 'class', dtype: 'int64', shape: [null] }]);
    expect(await model.run({ class: int32([2], [4, 9]) })).toEqual({ y: float32([2], [4, 9]) });
    await model.dispose();
  });

  it('draws the same in Node, as WebAssembly and on plain JavaScript, at any batch', async () => {
    const file = await node.export!(sampler, weights, { metadata: { level: '6' } });
    const [onNode, onWeb] = [await node.load!(file), await web.load!(file)];
    expect(onWeb.metadata).toEqual({ level: '6' });
    expect(onWeb.inputs).toEqual(onNode.inputs);
    const oracle = await (await tfjsCpu.plugin.create({}, undefined)).open();
    const state = await oracle.open(weights);
    for (const batch of [1, 3, 64]) {
      const inputs = sampleInputs(batch);
      const native = (await onNode.run(inputs))['image']!;
      const wasm = (await onWeb.run(inputs))['image']!;
      const eager = (await (await state.compile(sampler, batch)).run(inputs))['image']!;
      expect(native.shape).toEqual([batch, 6, 6, 3]);
      expectClose(native, eager, { relative: 1e-5, absolute: 1e-5 });
      expectClose(wasm, native, { relative: 1e-5, absolute: 1e-5 });
    }
    await oracle.dispose();
  });

  it('does not depend on the state that the file was made from any more', async () => {
    const own = { n: float32([2], [1, 2]) };
    const file = await node.export!(
      {
        name: 'constant',
        reads: ['n'],
        writes: [],
        inputs: { x: { dtype: 'float32', shape: [null, 2] } },
        outputs: { y: 'float32' },
        run: ({ n }, { x }) => ({ state: {}, outputs: { y: add(x!, n!) } }),
      },
      own,
    );
    own.n.data.fill(99);
    const model = await node.load!(file);
    const x = float32([1, 2], [10, 20]);
    expect(await model.run({ x })).toEqual({ y: float32([1, 2], [11, 22]) });
  });

  it('writes the same bytes again', async () => {
    const [first, second] = [
      await node.export!(sampler, weights),
      await node.export!(sampler, weights),
    ];
    expect(second).toEqual(first);
  });

  it('takes a class and gives bytes', async () => {
    const program: TensorProgram = {
      name: 'classes',
      reads: ['table'],
      writes: [],
      inputs: {
        class: { dtype: 'int32', shape: [null] },
        z: { dtype: 'float32', shape: [null, 2] },
      },
      outputs: { pixels: 'uint8' },
      run: ({ table }, given) => {
        const chosen = oneHot(given['class'] as Tensor1D, 3); // [B, 3]
        const seen = concat([cast(chosen, 'float32') as Tensor2D, given['z'] as Tensor2D], 1);
        const image = reshape(matMul(seen, table as Tensor2D), [-1, 1, 2, 1]); // [B, 1, 2, 1]
        const grey = clipByValue(round(mul(add(image, 1), scalar(127.5))), 0, 255);
        return { state: {}, outputs: { pixels: cast(grey, 'int32') } };
      },
    };
    const state = { table: float32([5, 2], [-1, 0, 0.5, 1, 2, -2, 0.25, 0, 0, 0.25]) };
    const inputs = { class: int32([3], [2, 0, 1]), z: float32([3, 2], [0, 0, 1, 1, -1, 2]) };
    const file = await node.export!(program, state);
    for (const engine of [node, web]) {
      const model = await engine.load!(file);
      const { pixels } = await model.run(inputs);
      // Class 2 is (2, −2), clipped to (255, 0). Class 0 is (−1, 0) + ¼·(1, 1): (31.875, 159.375).
      // Class 1 is (0.5, 1) + ¼·(−1, 2): (159.375, 318.75), clipped.
      expect(pixels).toEqual({
        dtype: 'uint8',
        shape: [3, 1, 2, 1],
        data: Uint8Array.from([255, 0, 32, 159, 159, 255]),
      });
    }
  });
});

describe('export refuses', () => {
  const program: TensorProgram = {
    name: 'p',
    reads: ['w'],
    writes: [],
    inputs: { x: { dtype: 'float32', shape: [null, 2] } },
    outputs: { y: 'float32' },
    run: ({ w }, { x }) => ({ state: {}, outputs: { y: mul(x!, w!) } }),
  };
  const state = { w: float32([2], [1, 2]) };

  it('a program that writes state', async () => {
    const wrong: TensorProgram = {
      ...program,
      writes: ['w'],
      run: ({ w }, { x }) => ({ state: { w: w! }, outputs: { y: mul(x!, w!) } }),
    };
    await expect(node.export!(wrong, state)).rejects.toMatchObject({
      code: 'LAPYRA_ENGINE_EXPORT',
      message:
        "onnxruntime-cpu, program 'p': expected a program that writes no state, got one that writes 'w'.",
    });
  });

  it('a program that depends on the batch, naming the operation', async () => {
    const wrong: TensorProgram = {
      ...program,
      run: ({ w }, { x }) => ({
        state: {},
        outputs: { y: mul(mul(x!, w!), 1 / (x?.shape[0] ?? 1)) },
      }),
    };
    await expect(node.export!(wrong, state)).rejects.toMatchObject({
      code: 'LAPYRA_ENGINE_COMPILE',
      message: expect.stringMatching(/^onnxruntime-cpu, program 'p': .*batch/s),
    });
  });

  it('an output that is called like an input', async () => {
    const wrong: TensorProgram = {
      ...program,
      outputs: { x: 'float32' },
      run: ({ w }, { x }) => ({ state: {}, outputs: { x: mul(x!, w!) } }),
    };
    await expect(node.export!(wrong, state)).rejects.toMatchObject({
      code: 'LAPYRA_ENGINE_EXPORT',
      message: expect.stringContaining("'x'"),
    });
  });

  it('nothing where a state tensor is called like an input', async () => {
    const same: TensorProgram = {
      ...program,
      reads: ['x', 'y'],
      run: (own, { x }) => ({ state: {}, outputs: { y: add(mul(x!, own['x']!), own['y']!) } }),
    };
    const file = await node.export!(same, { x: float32([2], [3, 4]), y: float32([2], [1, 1]) });
    const model = await node.load!(file);
    expect(await model.run({ x: float32([1, 2], [1, 1]) })).toEqual({ y: float32([1, 2], [4, 5]) });
  });
});
