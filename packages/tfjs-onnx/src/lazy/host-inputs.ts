import {
  sizeOf,
  type Attrs,
  type ConstantData,
  type TensorType,
  type Value,
} from '../graph/graph.js';

/** An input of a kernel that tfjs does not give it: the host makes its values at each call. */
export interface HostInput extends TensorType {
  readonly data: ConstantData;
}

/** What a kernel call becomes when the host adds to it. */
export interface HostCall {
  readonly inputs: Readonly<Record<string, HostInput>>;
  /** Without what the values were made from, or each call would be a structure of its own. */
  readonly attrs: Attrs;
}

/** Kernels to which the host adds inputs. Their lowerings read them like any other input. */
const HOST_INPUTS: Readonly<
  Record<string, (inputs: Readonly<Record<string, Value>>, attrs: Attrs) => HostCall>
> = {
  /** `uniforms` [B, samples] in [0, 1). */
  Multinomial: ({ logits }, { seed, ...attrs }) => {
    const shape = [logits?.shape[0] ?? 1, Number(attrs['numSamples'])];
    const draw = uniforms(Number(seed));
    const data = Float32Array.from({ length: sizeOf(shape) }, draw);
    return { inputs: { uniforms: { shape, dtype: 'float32', data } }, attrs };
  },
};

/** What the host adds to a kernel call; null for most kernels. */
export function hostCall(
  kernel: string,
  inputs: Readonly<Record<string, Value>>,
  attrs: Attrs,
): HostCall | null {
  return HOST_INPUTS[kernel]?.(inputs, attrs) ?? null;
}

/** Numbers in [0, 1) from a seed: Mulberry32 on the seed's bits (public domain, gist.github.com/tommyettinger/46a874533244883189143505d203312c). */
function uniforms(seed: number): () => number {
  const [low = 0, high = 0] = new Int32Array(Float64Array.of(seed).buffer);
  let state = low ^ Math.imul(high, 0x9e3779b1);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 8) / 2 ** 24; // as many bits as float32 keeps
  };
}
