import type { TensorValue, TensorValues } from '@lapyra/core';
import { expect } from 'vitest';

/** Names of the tensors that only one of two records has, or that differ in type, shape or any bit. */
export function differing(a: TensorValues, b: TensorValues): string[] {
  const names = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...names].filter((name) => !sameTensor(a[name], b[name]));
}

/** Expect all tensors of two records to be equal, bit for bit; else their names are said. */
export function expectSameBits(actual: TensorValues, expected: TensorValues, what: string): void {
  expect(differing(actual, expected), `tensors that differ: ${what}`).toEqual([]);
}

/** Names of the tensors that hold NaN or an infinity. */
export function notFinite(values: TensorValues): string[] {
  return Object.keys(values).filter((name) => !values[name]!.data.every(Number.isFinite));
}

/** A deep copy. */
export function copied(values: TensorValues): TensorValues {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, { ...value, data: value.data.slice() }]),
  );
}

function sameTensor(a: TensorValue | undefined, b: TensorValue | undefined): boolean {
  if (!a || !b || a.dtype !== b.dtype || String(a.shape) !== String(b.shape)) return false;
  const [x, y] = [bytesOf(a), bytesOf(b)];
  return x.length === y.length && x.every((byte, at) => byte === y[at]);
}

function bytesOf({ data }: TensorValue): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}
