import { onnxruntimeCpu, onnxruntimeWeb } from '@lapyra/backend-onnxruntime';
import type { Engine } from '@lapyra/core';
import { float32, int32, uint8 } from '@lapyra/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { onnxFile } from './onnx-file.js';

const [FLOAT, UINT8, INT64, FLOAT16] = [1, 2, 7, 10];

const file = onnxFile(
  [
    { op: 'Add', inputs: ['class', 'class'], outputs: ['twice'] },
    { op: 'Mul', inputs: ['class', 'class'], outputs: ['square'] },
    { op: 'Identity', inputs: ['pixels'], outputs: ['same'] },
  ],
  [
    { name: 'class', type: INT64, shape: ['batch'] },
    { name: 'pixels', type: UINT8, shape: ['batch', 2] },
  ],
  [
    { name: 'twice', type: INT64, shape: ['batch'] },
    { name: 'square', type: INT64, shape: ['batch'] },
    { name: 'same', type: UINT8, shape: ['batch', 2] },
  ],
  { 'lapyra.level': '28', größe: '28×28', long: 'x'.repeat(300) },
);

describe.each([onnxruntimeCpu, onnxruntimeWeb])('load (%#)', (plugin) => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await (await plugin.plugin.create({}, undefined)).open();
  });
  afterAll(() => engine.dispose());

  it('tells the inputs, outputs and metadata of a file', async () => {
    const model = await engine.load!(file);
    expect(model.inputs).toEqual([
      { name: 'class', dtype: 'int64', shape: [null] },
      { name: 'pixels', dtype: 'uint8', shape: [null, 2] },
    ]);
    expect(model.outputs.map(({ name, dtype }) => `${name} ${dtype}`)).toEqual([
      'twice int64',
      'square int64',
      'same uint8',
    ]);
    expect(model.metadata).toEqual({
      'lapyra.level': '28',
      größe: '28×28',
      long: 'x'.repeat(300),
    });
    await model.dispose();
  });

  it('takes int32 for int64, and gives it', async () => {
    const model = await engine.load!(file);
    const pixels = uint8([3, 2], [0, 1, 2, 253, 254, 255]);
    expect(await model.run({ class: int32([3], [0, 7, -40000]), pixels })).toEqual({
      twice: int32([3], [0, 14, -80000]),
      square: int32([3], [0, 49, 1600000000]),
      same: pixels,
    });
    const failing = model.run({ class: int32([1], [50000]), pixels: uint8([1, 2], [0, 0]) });
    await expect(failing).rejects.toMatchObject({
      code: 'LAPYRA_ENGINE_RESULT',
      message: expect.stringContaining("output 'square': expected numbers of at most 32 bits"),
    });
    await model.dispose();
  });

  it('refuses inputs that the file does not take', async () => {
    const model = await engine.load!(file);
    const pixels = uint8([1, 2], [0, 0]);
    const refusal = (said: string): object => ({
      code: 'LAPYRA_ENGINE_INPUT',
      message: `${engine.id}, model${said}`,
    });
    await expect(model.run({ pixels })).rejects.toMatchObject(
      refusal(": expected inputs 'class', 'pixels', got 'pixels'."),
    );
    await expect(model.run({ class: float32([1], [1]), pixels })).rejects.toMatchObject(
      refusal(", input 'class': expected int32 [any], got float32 [1]."),
    );
    await expect(
      model.run({ class: int32([1], [1]), pixels: uint8([1, 3], [0, 0, 0]) }),
    ).rejects.toMatchObject(
      refusal(", input 'pixels': expected uint8 [any, 2], got uint8 [1, 3]."),
    );
    await model.dispose();
  });

  it('reports what ONNX Runtime refuses while running, and can be run again', async () => {
    const model = await engine.load!(
      onnxFile(
        [{ op: 'Add', inputs: ['a', 'b'], outputs: ['sum'] }],
        [
          { name: 'a', type: FLOAT, shape: ['n'] },
          { name: 'b', type: FLOAT, shape: ['m'] },
        ],
        [{ name: 'sum', type: FLOAT, shape: ['k'] }],
      ),
    );
    const a = float32([2], [1, 2]);
    await expect(model.run({ a, b: float32([3], [1, 2, 3]) })).rejects.toMatchObject({
      code: 'LAPYRA_ENGINE_RUN',
      message: expect.stringMatching(new RegExp(`^${engine.id}, model: failed: `)),
      cause: expect.any(Error),
    });
    expect(await model.run({ a, b: a })).toEqual({ sum: float32([2], [2, 4]) });
    await model.dispose();
  });

  it('refuses files that are broken, and types that have no place on the host', async () => {
    for (const broken of [new Uint8Array(), file.slice(0, 40), new TextEncoder().encode('<html>')])
      await expect(engine.load!(broken)).rejects.toMatchObject({
        code: 'LAPYRA_ENGINE_MODEL',
        message: expect.stringMatching(new RegExp(`^${engine.id}, model: failed: `)),
      });
    const half = { type: FLOAT16, shape: [1] };
    const model = onnxFile(
      [{ op: 'Identity', inputs: ['x'], outputs: ['y'] }],
      [{ name: 'x', ...half }],
      [{ name: 'y', ...half }],
    );
    await expect(engine.load!(model)).rejects.toMatchObject({
      code: 'LAPYRA_ENGINE_MODEL',
      message: `${engine.id}, model: expected 'x' to be one of float32, int32, uint8, bool, int64, got float16.`,
    });
  });
});
