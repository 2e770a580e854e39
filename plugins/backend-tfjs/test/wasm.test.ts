import type { Backend, TensorProgram, TensorValues } from '@lapyra/core';
import { tfjsCpu, tfjsWasm } from '@lapyra/backend-tfjs';
import { expectClose, float32, spread } from '@lapyra/testing';
import {
  add,
  concat,
  conv2d,
  conv2dTranspose,
  image,
  relu,
  tanh,
  type Tensor4D,
} from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';

/** A refining generator in small: noise plane, upsampled image, two convolutions, a transposed one, an image added. */
const generator: TensorProgram = {
  name: 'generator',
  reads: ['w1', 'b1', 'w2', 'w3'],
  writes: [],
  inputs: {
    coarse: { dtype: 'float32', shape: [null, 4, 4, 3] },
    noise: { dtype: 'float32', shape: [null, 8, 8, 1] },
  },
  outputs: { image: 'float32' },
  run: ({ w1, b1, w2, w3 }, { coarse, noise }) => {
    const low = image.resizeBilinear(coarse as Tensor4D, [8, 8], true); // [B, 8, 8, 3]
    const seen = concat([low, noise as Tensor4D], 3); // [B, 8, 8, 4]
    const hidden = relu(add(conv2d(seen, w1 as Tensor4D, 2, 'same'), b1!)) as Tensor4D; // [B, 4, 4, 6]
    const wide = conv2dTranspose(hidden, w2 as Tensor4D, [hidden.shape[0], 8, 8, 5], 2, 'same');
    const band = tanh(conv2d(relu(wide), w3 as Tensor4D, 1, 'same')); // [B, 8, 8, 3]
    return { state: {}, outputs: { image: add(low, band) } };
  },
};

const state: TensorValues = {
  w1: float32([3, 3, 4, 6], spread(3 * 3 * 4 * 6, 1)),
  b1: float32([6], spread(6, 2)),
  w2: float32([4, 4, 5, 6], spread(4 * 4 * 5 * 6, 3)),
  w3: float32([3, 3, 5, 3], spread(3 * 3 * 5 * 3, 4)),
};

async function sample(backend: Backend, batch: number): Promise<TensorValues> {
  const engine = await backend.open();
  const compiled = await (await engine.open(state)).compile(generator, batch);
  const outputs = await compiled.run({
    coarse: float32([batch, 4, 4, 3], spread(batch * 48, 5)),
    noise: float32([batch, 8, 8, 1], spread(batch * 64, 6)),
  });
  await engine.dispose();
  return outputs;
}

it.each([1, 3, 64])('wasm samples what plain JavaScript samples, batch %i', async (batch) => {
  const [ours, oracle] = await Promise.all([
    sample(await tfjsWasm.plugin.create({}, undefined), batch),
    sample(await tfjsCpu.plugin.create({}, undefined), batch),
  ]);
  expect(ours['image']?.shape).toEqual([batch, 8, 8, 3]);
  expectClose(ours['image']!, oracle['image']!, { relative: 1e-5, absolute: 1e-5 });
});
