// A file that this framework writes, with the channels last and of one size, serves as any other: in miniature what the row of
// evidence does with a trained one.
import { onnxruntimeCpu } from '@lapyra/backend-onnxruntime';
import type { TensorProgram } from '@lapyra/core';
import { upscale } from '@lapyra/level-onnx';
import { concat, depthToSpace, type Tensor4D } from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { drawPixels, inputsFor, makeLevel, placeAt, repeated } from './make-level.js';

/** Repeats each pixel twice along both axes: four equal planes for each colour, rearranged. */
const repeating: TensorProgram = {
  name: 'repeating',
  reads: [],
  writes: [],
  inputs: { coarse: { dtype: 'float32', shape: [null, 14, 14, 3] } },
  outputs: { image: 'float32' },
  run: (_, { coarse }) => {
    const image = coarse as Tensor4D;
    return {
      state: {},
      outputs: { image: depthToSpace(concat([image, image, image, image], 3), 2) }, // [B, 28, 28, 3]
    };
  },
};

it('draws by a file that an engine exported, of pictures larger and smaller than it is made for', async () => {
  const engine = await (await onnxruntimeCpu.plugin.create({}, undefined)).open({ threads: 1 });
  const file = await engine.export!(repeating, {});
  for (const side of [9, 14, 33]) {
    const place = placeAt([side, side], [2 * side, 2 * side]);
    const options = { file: 'made.onnx', ratio: 2, layout: 'nhwc', range: '-1..1' } as const;
    const level = await makeLevel(upscale, options, place, file);
    const { coarse, low, pixels } = inputsFor(place, 2);
    const { data } = await drawPixels(level, { coarse, low }, engine);
    const expected = repeated(pixels, [2, side, side, 3], 2);
    expect(Math.max(...data.map((value, at) => Math.abs(value - expected[at]!)))).toBeLessThan(
      2e-3,
    );
  }
  await engine.dispose();
});
