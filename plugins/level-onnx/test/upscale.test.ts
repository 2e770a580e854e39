import { onnxruntimeCpu } from '@lapyra/backend-onnxruntime';
import { type Engine, LapyraError, type LevelPlace, type Size } from '@lapyra/core';
import { upscale, type UpscaleInput } from '@lapyra/level-onnx';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { drawPixels, inputsFor, makeLevel, placeAt, repeated } from './make-level.js';
import { onnxFile, repeating } from './onnx-file.js';

let engine: Engine;
beforeAll(async () => {
  engine = await (await onnxruntimeCpu.plugin.create({}, undefined)).open({ threads: 1 });
});
afterAll(() => engine.dispose());

const FREE = ['n', 3, 'h', 'w'];
const place = placeAt([5, 6], [10, 12]);

function expectNear(data: ArrayLike<number>, expected: ArrayLike<number>): void {
  expect(data.length).toBe(expected.length);
  let most = 0;
  for (let at = 0; at < data.length; at += 1)
    most = Math.max(most, Math.abs(data[at]! - expected[at]!));
  expect(most).toBeLessThan(2e-3);
}

async function draws(
  options: Omit<UpscaleInput, 'file'>,
  file: Uint8Array,
  at: LevelPlace = place,
): Promise<{
  data: Float32Array;
  pixels: Int32Array;
  shape: readonly [number, number, number, number];
}> {
  const level = await makeLevel(upscale, { file: 'net.onnx', ...options }, at, file);
  const inputs = inputsFor(at, 3);
  const drawn = await drawPixels(level, { coarse: inputs.coarse, low: inputs.low }, engine);
  expect(drawn.shape).toEqual([3, ...at.size, at.channels]);
  return { data: drawn.data, pixels: inputs.pixels, shape: [3, ...at.coarse!, at.channels] };
}

describe('upscale', () => {
  it.each([
    ['0..1', 1 / 8, 255 / 8],
    ['-1..1', 1 / 8, 127.5 / 8],
    ['0..255', 4, 4],
  ] as const)('gives the file numbers of %s, and takes them', async (range, added, pixels) => {
    const file = repeating(2, FREE, FREE, { added: [0, added, -added] });
    const drawn = await draws({ ratio: 2, range }, file);
    const expected = repeated(drawn.pixels, drawn.shape, 2).map(
      (value, at) => value + [0, pixels, -pixels][at % 3]!,
    );
    expectNear(drawn.data, expected);
  });

  it('takes numbers of another range than it gives', async () => {
    // Half of what is below, as numbers of 0…1, is taken for −1…1: y = 127.5 + 127.5 · x / 255.
    const drawn = await draws({ ratio: 2, output: { range: '-1..1' } }, repeating(2, FREE, FREE));
    expectNear(
      drawn.data,
      repeated(drawn.pixels, drawn.shape, 2).map((x) => 127.5 + x / 2),
    );
  });

  it('puts colours in the order of the file', async () => {
    const file = repeating(2, FREE, FREE, { added: [10 / 255, 0, 0] });
    const rgb = await draws({ ratio: 2 }, file);
    expectNear(
      rgb.data,
      repeated(rgb.pixels, rgb.shape, 2).map((value, at) => value + (at % 3 === 0 ? 10 : 0)),
    );
    const bgr = await draws({ ratio: 2, colours: 'bgr' }, file);
    expectNear(
      bgr.data,
      repeated(bgr.pixels, bgr.shape, 2).map((value, at) => value + (at % 3 === 2 ? 10 : 0)),
    );
  });

  it('takes files with the channels last, and other ratios', async () => {
    const shape = ['n', 'h', 'w', 3];
    const at = placeAt([4, 5], [12, 15]);
    const file = repeating(3, shape, null, { last: true });
    const drawn = await draws({ ratio: 3, layout: 'nhwc' }, file, at);
    expectNear(drawn.data, repeated(drawn.pixels, drawn.shape, 3));
  });

  it('lets a file make the brightness alone, colours being enlarged', async () => {
    const file = repeating(2, ['n', 1, 'h', 'w'], null);
    const level = await makeLevel(
      upscale,
      { file: 'y.onnx', ratio: 2, colours: 'luma' },
      place,
      file,
    );
    const inputs = inputsFor(place, 2);
    const { data } = await drawPixels(level, { coarse: inputs.coarse, low: inputs.low }, engine);
    const low = Float32Array.from(
      inputs.low.data,
      (value, at) => value * 50 + [100, 110, 120][at % 3]!,
    );
    const luma = (of: ArrayLike<number>, pixel: number): number =>
      0.299 * of[pixel * 3]! + 0.587 * of[pixel * 3 + 1]! + 0.114 * of[pixel * 3 + 2]!;
    const given = repeated(inputs.pixels, [2, 5, 6, 3], 2);
    for (let pixel = 0; pixel < data.length / 3; pixel += 1) {
      expect(luma(data, pixel)).toBeCloseTo(luma(given, pixel), 2);
      // Blue and red less green are those of the enlarged image.
      for (const c of [0, 2])
        expect(data[pixel * 3 + c]! - data[pixel * 3 + 1]!).toBeCloseTo(
          low[pixel * 3 + c]! - low[pixel * 3 + 1]!,
          2,
        );
    }
  });

  it('gives a grey pyramid the brightness of what a file makes of three equal planes', async () => {
    const grey = placeAt([5, 6], [10, 12], 1);
    const drawn = await draws({ ratio: 2 }, repeating(2, FREE, FREE), grey);
    expectNear(drawn.data, repeated(drawn.pixels, drawn.shape, 2));
  });

  it('reads the image below on its own scale, where a transform changes it', async () => {
    const haar = { ...place, pixels: { ...place.pixels, coarseScale: [25, 25, 25] } };
    const drawn = await draws({ ratio: 2 }, repeating(2, FREE, FREE), haar);
    expectNear(drawn.data, repeated(drawn.pixels, drawn.shape, 2));
  });

  it('clamps what it gives to the file to 0…255', async () => {
    const level = await makeLevel(
      upscale,
      { file: 'net.onnx', ratio: 2 },
      place,
      repeating(2, FREE, FREE),
    );
    const { coarse, low } = inputsFor(place, 1);
    const far = { ...coarse, data: Float32Array.from(coarse.data, (_, at) => (at % 2 ? 90 : -90)) };
    const { data } = await drawPixels(level, { coarse: far, low }, engine);
    expect(Math.min(...data)).toBeCloseTo(0, 2);
    expect(Math.max(...data)).toBeCloseTo(255, 2);
  });

  it.each([
    { tile: 4, overlap: 1 },
    { tile: 5, overlap: 3 },
    { tile: 3, overlap: 0 },
    { tile: 50, overlap: 8 },
    { tile: 50, overlap: 20 }, // more than the image has
  ])('hides tiles of a file that looks at single pixels: %j', async (tiling) => {
    const at = placeAt([11, 14], [22, 28]);
    const drawn = await draws({ ratio: 2, ...tiling }, repeating(2, FREE, FREE), at);
    expectNear(drawn.data, repeated(drawn.pixels, drawn.shape, 2));
  });

  it.each([
    [
      [5, 6],
      [10, 12],
    ],
    [
      [20, 9],
      [40, 18],
    ],
    [
      [8, 8],
      [16, 16],
    ],
  ] as [Size, Size][])(
    'cuts %j into tiles of a file of one size, one at a time',
    async (coarse, size) => {
      const file = repeating(2, [1, 3, 8, 8], [1, 3, 16, 16]);
      const drawn = await draws({ ratio: 2, overlap: 3 }, file, placeAt(coarse, size));
      expectNear(drawn.data, repeated(drawn.pixels, drawn.shape, 2));
    },
  );

  it('stops when it is told to', async () => {
    const level = await makeLevel(
      upscale,
      { file: 'net.onnx', ratio: 2, tile: 2, overlap: 0 },
      place,
      repeating(2, FREE, FREE),
    );
    if (!('kind' in level.sampler)) throw new Error('expected a sampler on the host');
    const opened = await level.sampler.open({}, engine);
    const { coarse, low } = inputsFor(place, 1);
    const signal = AbortSignal.abort(new Error('enough'));
    const stopped = opened.sample({ coarse, low }, { signal, report: () => undefined });
    await expect(stopped).rejects.toThrow('enough');
    await opened.dispose();
  });
});

describe('upscale refuses', () => {
  const refused = async (
    options: Omit<UpscaleInput, 'file'>,
    file: Uint8Array,
    at: LevelPlace = place,
  ): Promise<LapyraError> => {
    const error: unknown = await makeLevel(
      upscale,
      { file: 'net.onnx', ...options },
      at,
      file,
    ).then(
      () => new Error('accepted'),
      (reason: unknown) => reason,
    );
    if (!LapyraError.is(error)) throw error;
    return error;
  };
  const good = repeating(2, FREE, FREE);

  it.each([
    ['a text', new TextEncoder().encode('not a model at all'), 'another file'],
    ['nothing', new Uint8Array(), 'another file'],
    ['a part of a file', good.slice(0, 60), 'a part of one'],
  ])('%s', async (_, bytes, got) => {
    const { code, message } = await refused({ ratio: 2 }, bytes);
    expect(code).toBe('LAPYRA_ONNX_FILE');
    expect(message).toContain('net.onnx: expected an ONNX file, got ');
    expect(message).toContain(got);
  });

  it.each([
    [
      'a place that the ratio does not fit',
      { ratio: 2 },
      good,
      placeAt([8, 8], [14, 14]),
      'upscale at 14: expected 16, 2 times the 8 below, got 14.',
    ],
    [
      'the first place',
      { ratio: 2 },
      good,
      placeAt(null, [8, 8]),
      'upscale at 8: expected a level below, got the first place of the pyramid.',
    ],
    [
      'whitening by position',
      { ratio: 2 },
      good,
      { ...place, pixels: { ...place.pixels, exact: false } },
      "upscale at 10x12: expected whitening 'channel' or 'range', from which pixels follow, got 'pixel'.",
    ],
    [
      'another name of the input',
      { ratio: 2, input: 'image' },
      good,
      place,
      "upscale at 10x12, net.onnx: expected the only input 'image', got 'x'.",
    ],
    [
      'a file of two inputs',
      { ratio: 2 },
      onnxFile({
        inputs: { x: FREE, strength: [1] },
        outputs: { y: null },
        nodes: [{ op: 'Add', inputs: ['x', 'strength'], output: 'y' }],
      }),
      place,
      "upscale at 10x12, net.onnx: expected one input, got 'x', 'strength'.",
    ],
    [
      'numbers of another type',
      { ratio: 2 },
      onnxFile({
        inputs: { x: FREE },
        outputs: { y: null },
        type: 10,
        nodes: [{ op: 'Identity', inputs: ['x'], output: 'y' }],
      }),
      place,
      "upscale at 10x12, net.onnx: expected input 'x' of float32, got float16.",
    ],
    [
      'a file of one channel for colours',
      { ratio: 2 },
      repeating(2, ['n', 1, 'h', 'w'], null),
      place,
      "upscale at 10x12, net.onnx: expected input 'x' [images, 3, height, width], got [any, 1, any, any].",
    ],
    [
      'a tile other than the size that the file takes',
      { ratio: 2, tile: 6 },
      repeating(2, [1, 3, 8, 8], null),
      place,
      'upscale at 10x12, net.onnx: expected tile 8, the size that the file takes, got 6.',
    ],
    [
      'a file of another ratio',
      { ratio: 2 },
      repeating(3, [1, 3, 8, 8], [1, 3, 24, 24]),
      place,
      "upscale at 10x12, net.onnx: expected output 'y' of 16 pixels from 8, got 24.",
    ],
    [
      'a file of several images at once',
      { ratio: 2 },
      repeating(2, [4, 3, 'h', 'w'], null),
      place,
      'upscale at 10x12, net.onnx: expected a file that takes one image or any number, got one that takes 4.',
    ],
    [
      'an overlap as large as a tile',
      { ratio: 2, tile: 4, overlap: 4 },
      good,
      place,
      'upscale at 10x12, net.onnx: expected an overlap below 4, the side of a tile, got 4.',
    ],
    [
      'weights in other files',
      { ratio: 2 },
      onnxFile({
        inputs: { x: FREE },
        outputs: { y: null },
        constants: { w: [[1], [1]] },
        external: true,
        nodes: [{ op: 'Mul', inputs: ['x', 'w'], output: 'y' }],
      }),
      place,
      'net.onnx: expected weights inside of the file, got some that lie in other files.',
    ],
  ] as [string, Omit<UpscaleInput, 'file'>, Uint8Array, LevelPlace, string][])(
    '%s',
    async (_, options, file, at, message) => {
      expect((await refused(options, file, at)).message).toBe(message);
    },
  );

  it('when it is opened, a file of another ratio that states no sizes, and an engine that loads none', async () => {
    const level = await makeLevel(
      upscale,
      { file: 'net.onnx', ratio: 2 },
      place,
      repeating(3, FREE, null),
    );
    if (!('kind' in level.sampler)) throw new Error('expected a sampler on the host');
    await expect(level.sampler.open({}, engine)).rejects.toMatchObject({
      code: 'LAPYRA_ONNX_RESULT',
      message:
        "upscale at 10x12, net.onnx: expected output 'y' [1, 3, 10, 12] from [1, 3, 5, 6], got [1, 3, 15, 18].",
    });
    const { load: _, ...other } = { ...engine, id: 'tfjs-cpu' };
    await expect(level.sampler.open({}, other)).rejects.toMatchObject({
      code: 'LAPYRA_ENGINE_ONNX',
      message:
        'upscale at 10x12, net.onnx: expected a backend that loads ONNX files, got tfjs-cpu.',
    });
  });

  it.each([
    [{ file: '', ratio: 2 }, 'expected a path, got none'],
    [{ file: 'a.onnx', ratio: 1 }, 'Expected >=2'],
    [{ file: 'a.onnx', ratio: 1.75 }, 'Invalid integer'],
    [{ file: 'a.onnx', ratio: 2, range: '0..2' }, 'Expected ("0..1" | "-1..1" | "0..255")'],
  ])('options %j', async (options, message) => {
    const { issues = [] } = await upscale.plugin.options['~standard'].validate(options);
    expect(issues.map((issue) => issue.message).join()).toContain(message);
  });
});
