import { readFileSync, writeFileSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs-core';
import * as ort from 'onnxruntime-node';
import { expect, test } from 'vitest';
import { decodeModel } from '../../test/support/decode-model.js';
import { compile } from '../compile.js';
import type { TensorFunction } from '../tensor-function.js';

const STAGES = 10;
const ROWS = 1024;

/** Grows a matrix by rows of zeros and cuts it down again from above: each shape occurs twice, far apart. */
const thereAndBack: TensorFunction = ({ x }) => {
  let y = x!; // [1024, 1024], 4 MiB
  for (let i = 0; i < STAGES; i++) y = tf.pad(y, [[0, 1], [0, 0]]); // prettier-ignore
  for (let i = 0; i < STAGES; i++) y = tf.slice(y, [1, 0]);
  return { y };
};
const inputs = { x: { shape: [ROWS, ROWS], dtype: 'float32' as const } };
const x = { ...inputs.x, data: Float32Array.from({ length: ROWS ** 2 }, (_, i) => i % 1013) };

function kibibytes(field: 'VmRSS' | 'VmHWM'): number {
  const status = readFileSync('/proc/self/status', 'utf8');
  return Number(new RegExp(`${field}:\\s+(\\d+)`).exec(status)?.[1]);
}

const onLinux = process.platform === 'linux';

test.skipIf(!onLinux)(
  `memory of dead tensors is not held for the next of their shape${onLinux ? '' : ' (skipped: measured on Linux alone)'}`,
  async () => {
    const program = await compile(thereAndBack, {
      ...{ ort, inputs },
      sessionOptions: { enableCpuMemArena: false, intraOpNumThreads: 1 },
    });
    const before = kibibytes('VmRSS');
    writeFileSync('/proc/self/clear_refs', '5'); // the peak is now what is there
    const { y } = await program.run({ x });
    const added = (kibibytes('VmHWM') - before) / 1024;
    await program.dispose();
    // Two tensors at a time and the result, 4 MiB each. With what waits for its shape it would be 40.
    expect(added).toBeGreaterThan(4);
    expect(added).toBeLessThan(24);
    const data = y!.data as Float32Array;
    expect(data.every((value, i) => value === (x.data[i + STAGES * ROWS] ?? 0))).toBe(true);
  },
);

test('large tensors have names for sizes, small ones share them, and a result those of what it may overwrite', async () => {
  const fn: TensorFunction = ({ x: given }) => {
    const large = tf.reshape(tf.transpose(given!), [512, 2048]);
    const small = tf.slice(large, [0, 0], [4, 4]);
    return { large: tf.sum(tf.relu(tf.add(large, 1))), small: tf.sum(tf.square(small)) };
  };
  const program = await compile(fn, { ort, inputs, target: 'cpu' });
  const { graph } = decodeModel(program.bytes);
  const results = await program.run({ x });
  await program.dispose();
  const sizes = (op: string): unknown => {
    const name = graph.node.find(({ opType }) => opType === op)?.output?.[0];
    const value = graph.valueInfo.find((one) => one.name === name);
    return value?.type.tensorType.shape.dim.map((dim) => dim.dimParam);
  };
  const given = graph.input[0]!.type.tensorType.shape.dim;
  expect(given.map((dim) => dim.dimParam || dim.dimValue)).toEqual(['1024', 1024]);
  const [added] = sizes('Add') as string[];
  expect(added).toMatch(/^512_\d+$/);
  expect(sizes('Relu')).toEqual(sizes('Add'));
  expect(sizes('Transpose')).not.toEqual(sizes('Reshape'));
  expect(sizes('Slice')).toEqual(['4', '4']);
  const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
  const turned = (row: number, column: number): number => {
    const at = row * 2048 + column;
    return x.data[(at % ROWS) * ROWS + Math.floor(at / ROWS)]!;
  };
  const corner = [0, 1, 2, 3].flatMap((row) => [0, 1, 2, 3].map((column) => turned(row, column)));
  const [small, large] = [results['small']!, results['large']!].map(({ data }) => Number(data[0]));
  expect(small).toBe(sum(corner.map((value) => value ** 2)));
  expect(large! / (sum(Array.from(x.data)) + x.data.length)).toBeCloseTo(1, 4);
});

test('graphs of small tensors keep their shapes', async () => {
  const program = await compile(({ x: given }) => ({ y: tf.relu(tf.transpose(given!)) }), {
    ort,
    inputs: { x: { shape: [8, 4], dtype: 'float32' } },
    target: 'cpu',
  });
  const { graph } = decodeModel(program.bytes);
  await program.dispose();
  const values = [...graph.input, ...graph.valueInfo];
  const sizes = values.map(({ type }) => type.tensorType.shape.dim.map((dim) => dim.dimValue));
  expect(sizes).toEqual([[8, 4], [4, 8]]); // prettier-ignore
});
