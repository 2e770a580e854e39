import { onnxruntimeCpu } from '@lapyra/backend-onnxruntime';
import { drawNoiseByImage, type Engine, LapyraError, type LevelPlace } from '@lapyra/core';
import { generate, type GenerateInput } from '@lapyra/level-onnx';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { drawPixels, makeLevel, placeAt } from './make-level.js';
import { onnxFile } from './onnx-file.js';

let engine: Engine;
beforeAll(async () => {
  engine = await (await onnxruntimeCpu.plugin.create({}, undefined)).open({ threads: 1 });
});
afterAll(() => engine.dispose());

const place = placeAt(null, [2, 4]);
const tanh = (input: readonly (number | string)[]): Uint8Array =>
  onnxFile({
    inputs: { z: input },
    outputs: { image: input },
    nodes: [{ op: 'Tanh', inputs: ['z'], output: 'image' }],
  });
const given: GenerateInput = { file: 'g.onnx', noise: { shape: [3, 2, 4] } };

describe('generate', () => {
  it.each([
    ['nchw', 'rgb', ['n', 3, 2, 4]],
    ['nchw', 'bgr', [1, 3, 2, 4]],
    ['nhwc', 'rgb', ['n', 2, 4, 3]],
  ] as const)('draws what the file makes of noise: %s, %s, %j', async (layout, colours, shape) => {
    const noise = { shape: shape.slice(1) as number[] };
    const level = await makeLevel(
      generate,
      { ...given, noise, layout, colours },
      place,
      tanh(shape),
    );
    expect(level.noise).toEqual({ z: { distribution: 'normal', shape: noise.shape } });
    const { z } = drawNoiseByImage(level.noise, 0, 3, 1);
    const { data } = await drawPixels(level, { 'noise.z': z! }, engine);
    for (let at = 0; at < data.length; at += 1) {
      const [image, pixel, c] = [Math.floor(at / 24), Math.floor((at % 24) / 3), at % 3];
      const channel = colours === 'bgr' ? 2 - c : c;
      const from = layout === 'nchw' ? image * 24 + channel * 8 + pixel : at;
      expect(data[at]).toBeCloseTo(127.5 + 127.5 * Math.tanh(z!.data[from]!), 2);
    }
  });

  const refused = async (
    options: Partial<GenerateInput>,
    file: Uint8Array,
    at: LevelPlace = place,
  ): Promise<LapyraError> => {
    const error: unknown = await makeLevel(generate, { ...given, ...options }, at, file).then(
      () => new Error('accepted'),
      (reason: unknown) => reason,
    );
    if (!LapyraError.is(error)) throw error;
    return error;
  };

  it.each([
    [
      {},
      tanh(['n', 3, 2, 4]),
      placeAt([2, 2], [2, 4]),
      'generate at 2x4: expected the first place of the pyramid, got a level of 2 below.',
    ],
    [
      { noise: { shape: [100] } },
      tanh(['n', 3, 2, 4]),
      place,
      "generate at 2x4, g.onnx: expected input 'z' [images, 100], got [any, 3, 2, 4].",
    ],
    [
      {},
      tanh(['n', 3, 2, 4]),
      placeAt(null, [4, 4]),
      "generate at 4, g.onnx: expected output 'image' [images, 3, 4, 4], got [any, 3, 2, 4].",
    ],
    [
      { noise: { shape: [3, 2, 4], input: 'noise' } },
      tanh(['n', 3, 2, 4]),
      place,
      "generate at 2x4, g.onnx: expected the only input 'noise', got 'z'.",
    ],
    [
      { output: 'picture' },
      tanh(['n', 3, 2, 4]),
      place,
      "generate at 2x4, g.onnx: expected output 'picture', got 'image'.",
    ],
    [
      {},
      tanh([8, 3, 2, 4]),
      place,
      'generate at 2x4, g.onnx: expected a file that takes one image or any number, got one that takes 8.',
    ],
    [
      {},
      new Uint8Array(9),
      place,
      'g.onnx: expected an ONNX file, got another file, or a part of one.',
    ],
  ] as [Partial<GenerateInput>, Uint8Array, LevelPlace, string][])(
    'refuses %j',
    async (options, file, at, message) => {
      expect((await refused(options, file, at)).message).toBe(message);
    },
  );
});
