// Runs a function eagerly on tfjs's cpu backend and compiled on ONNX Runtime, on the same seeded inputs.
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import * as ort from 'onnxruntime-node';
import { expect } from 'vitest';
import {
  compile,
  type BorderDType,
  type CompileOptions,
  type HostTensor,
  type TensorFunction,
} from '@lapyra/tfjs-onnx';

/** An input: a shape of seeded normal numbers, or given values. */
export type TestInput = readonly number[] | HostTensor;

/** A float32 tensor of the given values. */
export function floats(shape: readonly number[], values: readonly number[]): HostTensor {
  return { shape, dtype: 'float32', data: Float32Array.from(values) };
}

/** An int32 tensor of the given values. */
export function ints(shape: readonly number[], values: readonly number[]): HostTensor {
  return { shape, dtype: 'int32', data: Int32Array.from(values) };
}

/** A bool tensor of the given values. */
export function bools(shape: readonly number[], values: readonly (0 | 1)[]): HostTensor {
  return { shape, dtype: 'bool', data: Uint8Array.from(values) };
}

/** Roughly normal numbers from a fixed sequence. */
export function seeded(shape: readonly number[], seed = 1, scale = 1): HostTensor {
  const data = new Float32Array(shape.reduce((a, b) => a * b, 1));
  let state = seed * 2654435761 + 12345;
  const next = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  for (let i = 0; i < data.length; i++) data[i] = (next() + next() + next() - 1.5) * 2 * scale;
  return { shape, dtype: 'float32', data };
}

/** The values of every output, by both ways of running. */
export async function runBoth(
  fn: TensorFunction,
  inputs: Readonly<Record<string, TestInput>>,
  options: Partial<CompileOptions> = {},
): Promise<{ eager: Record<string, HostTensor>; compiled: Record<string, HostTensor> }> {
  const values = hostInputs(inputs);
  return { eager: runEager(fn, values), compiled: await runCompiled(fn, values, options) };
}

/** Compile a function and run it once. */
export async function runCompiled(
  fn: TensorFunction,
  inputs: Readonly<Record<string, TestInput>>,
  options: Partial<CompileOptions> = {},
): Promise<Record<string, HostTensor>> {
  const values = hostInputs(inputs);
  const specs = Object.fromEntries(
    Object.entries(values).map(([name, { shape, dtype }]) => [name, { shape, dtype }]),
  );
  const program = await compile(fn, {
    inputs: specs,
    ort,
    sessionOptions: { intraOpNumThreads: 1 },
    ...options,
  });
  const results = await program.run(values);
  await program.dispose();
  return Object.fromEntries(
    Object.entries(results).map(([name, { dims, type, data }]) => [
      name,
      { shape: dims, dtype: type as BorderDType, data: data as Float32Array },
    ]),
  );
}

/** Expect the same names, shapes, types and values: |a − b| ≤ tolerance · (1 + |b|). */
export async function expectLikeCpu(
  fn: TensorFunction,
  inputs: Readonly<Record<string, TestInput>>,
  tolerance = 1e-5,
  options: Partial<CompileOptions> = {},
): Promise<void> {
  const { eager, compiled } = await runBoth(fn, inputs, options);
  expect(Object.keys(compiled)).toEqual(Object.keys(eager));
  for (const [name, want] of Object.entries(eager)) {
    const got = compiled[name];
    expect({ name, shape: got?.shape, dtype: got?.dtype }).toEqual({
      name,
      shape: want.shape,
      dtype: want.dtype,
    });
    expectClose(name, got?.data ?? [], want.data, tolerance);
  }
}

/** Expect |a − b| ≤ tolerance · (1 + |b|) everywhere, with NaN and infinities in the same places. */
export function expectClose(
  name: string,
  got: ArrayLike<number>,
  want: ArrayLike<number>,
  tolerance: number,
): void {
  expect(got.length, name).toBe(want.length);
  for (let i = 0; i < want.length; i++) {
    const [a, b] = [got[i] ?? NaN, want[i] ?? NaN];
    if (Object.is(a, b) || a === b) continue;
    if (!(Math.abs(a - b) <= tolerance * (1 + Math.abs(b)))) {
      expect.fail(`${name}[${i}]: expected ${b} ± ${tolerance}, got ${a}`);
    }
  }
}

/** Run a function on tfjs's cpu backend. */
export function runEager(
  fn: TensorFunction,
  values: Readonly<Record<string, HostTensor>>,
): Record<string, HostTensor> {
  void tf.setBackend('cpu');
  const out: Record<string, HostTensor> = {};
  tf.tidy(() => {
    const tensors = Object.fromEntries(
      Object.entries(values).map(([name, { shape, dtype, data }]) => [
        name,
        tf.tensor(data, [...shape], dtype === 'uint8' ? 'int32' : dtype),
      ]),
    );
    for (const [name, tensor] of Object.entries(fn(tensors))) {
      out[name] = {
        shape: tensor.shape,
        dtype: tensor.dtype as BorderDType,
        data: tensor.dataSync<'float32'>() as Float32Array,
      };
    }
  });
  return out;
}

function hostInputs(inputs: Readonly<Record<string, TestInput>>): Record<string, HostTensor> {
  return Object.fromEntries(
    Object.entries(inputs).map(([name, input], i) => [name, asHost(input, i)]),
  );
}

function asHost(input: TestInput, index: number): HostTensor {
  return isShape(input) ? seeded(input, index + 1) : input;
}

function isShape(input: TestInput): input is readonly number[] {
  return Array.isArray(input);
}
