// The stored weights: a safetensors file in which each kernel is int8 with one scale for each output plane, `<layer>.weight`
// I8 and `<layer>.scale` F32, beside `<layer>.bias` F32. The format: https://github.com/huggingface/safetensors#format
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { elementCount, LapyraError, type TensorValue, type TensorValues } from '@lapyra/core';

interface Entry {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data_offsets: readonly [begin: number, end: number];
}

/**
 * The weights as float32: weight = int8 · scale of its output plane.
 *
 * @throws {LapyraError} `LAPYRA_FEATURES_WEIGHTS` if the file is not there or is not what the package was shipped with
 */
export async function readWeights(file: URL): Promise<TensorValues> {
  try {
    return decode(await readFile(file));
  } catch (cause) {
    throw new LapyraError(
      'LAPYRA_FEATURES_WEIGHTS',
      `${fileURLToPath(file)}: expected the weights that this package is shipped with, got ${cause instanceof Error ? cause.message : String(cause)}.`,
      { hint: 'Install the package anew.', cause },
    );
  }
}

function decode(bytes: Uint8Array): TensorValues {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const start = 8 + Number(view.getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, start))) as Record<
    string,
    Entry
  >;
  const dataOf = (name: string, dtype: string): { entry: Entry; data: Uint8Array } => {
    const entry = header[name];
    if (entry?.dtype !== dtype) throw new RangeError(`no tensor '${name}' of ${dtype}`);
    const [begin, end] = entry.data_offsets;
    const width = dtype === 'F32' ? 4 : 1;
    if (end - begin !== width * elementCount(entry.shape) || start + end > bytes.length)
      throw new RangeError(`too few bytes for tensor '${name}'`);
    return { entry, data: new Uint8Array(bytes.subarray(start + begin, start + end)) }; // a copy: aligned
  };
  const floats = (name: string): TensorValue => {
    const { entry, data } = dataOf(name, 'F32');
    return { dtype: 'float32', shape: entry.shape, data: new Float32Array(data.buffer) };
  };
  const layers = Object.keys(header).flatMap((name) => /^(.+)\.weight$/.exec(name)?.[1] ?? []);
  return Object.fromEntries(
    layers.flatMap((layer): [string, TensorValue][] => {
      const { entry, data } = dataOf(`${layer}.weight`, 'I8');
      const scale = floats(`${layer}.scale`).data;
      const steps = new Int8Array(data.buffer);
      const values = Float32Array.from(steps, (step, at) => step * scale[at % scale.length]!);
      return [
        [`${layer}.weight`, { dtype: 'float32', shape: entry.shape, data: values }],
        [`${layer}.bias`, floats(`${layer}.bias`)],
      ];
    }),
  );
}
