import type { TensorValue } from '@lapyra/core';

/** A float32 tensor of these numbers. */
export function float32(shape: readonly number[], numbers: ArrayLike<number>): TensorValue {
  return { dtype: 'float32', shape, data: Float32Array.from(numbers) };
}

/** An int32 tensor of these numbers. */
export function int32(shape: readonly number[], numbers: ArrayLike<number>): TensorValue {
  return { dtype: 'int32', shape, data: Int32Array.from(numbers) };
}

/** A uint8 tensor of these numbers. */
export function uint8(shape: readonly number[], numbers: ArrayLike<number>): TensorValue {
  return { dtype: 'uint8', shape, data: Uint8Array.from(numbers) };
}

/** A bool tensor: 0 or 1 for each element. */
export function bool(shape: readonly number[], numbers: ArrayLike<number>): TensorValue {
  return { dtype: 'bool', shape, data: Uint8Array.from(numbers) };
}

/** `count` numbers on [−1, 1) from a small seeded generator (a multiplicative congruence modulo 2³¹ − 1). */
export function spread(count: number, seed: number): Float32Array {
  let state = (Math.abs(Math.trunc(seed)) % 2147483646) + 1;
  return Float32Array.from({ length: count }, () => {
    state = (state * 48271) % 2147483647;
    return (state / 2147483647) * 2 - 1;
  });
}
