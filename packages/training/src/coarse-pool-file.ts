// levels/<size>/generated.safetensors: the coarse images that a level learns on beside true ones. Drawn once, so that a
// training which is taken up again sees the same ones, whatever has become of the levels that drew them.
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import {
  decodeSafetensors,
  encodeSafetensors,
  imageBatch,
  LapyraError,
  type TensorValues,
} from '@lapyra/core';
import type { CoarsePool } from './coarse-mixing.js';
import { writeDurably } from './durable-file.js';

/** Where the images of a pool come from. */
export interface CoarsePoolRecord {
  /** The run whose levels drew them. */
  readonly run: string;
  /** Steps of each of these levels' checkpoints, by name. */
  readonly steps: Readonly<Record<string, number>>;
}

/** @throws {LapyraError} `LAPYRA_FILE_WRITE` */
export async function saveCoarsePool(
  file: string,
  { coarse, condition }: CoarsePool,
  record: CoarsePoolRecord,
): Promise<void> {
  const [count] = coarse.shape;
  const tensors: TensorValues = {
    coarse: { dtype: 'float32', shape: coarse.shape, data: coarse.data },
    ...(condition && {
      condition: { dtype: 'float32', shape: [count, condition.length / count], data: condition },
    }),
  };
  const metadata = { record: JSON.stringify(record), sum: sumOf(tensors) };
  await writeDurably(file, encodeSafetensors(tensors, metadata));
}

/**
 * The pool of a level; `null` if none was drawn yet.
 *
 * @param begun whether the level has learnt on it already: then there has to be one
 * @throws {LapyraError} `LAPYRA_MIX_DAMAGED` if the file is not what was written, or gone
 */
export async function loadCoarsePool(
  file: string,
  begun = false,
): Promise<(CoarsePool & { readonly record: CoarsePoolRecord }) | null> {
  const damaged = (got: string): LapyraError =>
    new LapyraError(
      'LAPYRA_MIX_DAMAGED',
      `${file}: expected the coarse images that were drawn for this level, got ${got}.`,
      {
        hint: 'Restore it from a copy. If the level has not begun to train, delete the file: the images are drawn anew.',
      },
    );
  if (!existsSync(file)) {
    if (begun) throw damaged('none');
    return null;
  }
  let read: ReturnType<typeof decodeSafetensors>;
  try {
    read = decodeSafetensors(await readFile(file), file);
  } catch (error) {
    throw damaged((error as Error).message);
  }
  const { tensors, metadata } = read;
  const { coarse, condition } = tensors;
  if (!coarse || metadata['sum'] !== sumOf(tensors)) throw damaged('other numbers');
  return {
    coarse: imageBatch(coarse.shape, coarse.data as Float32Array),
    condition: condition ? (condition.data as Float32Array) : null,
    record: JSON.parse(metadata['record'] ?? '{}') as CoarsePoolRecord,
  };
}

function sumOf({ coarse, condition }: TensorValues): string {
  const bytes = [coarse, condition].flatMap((tensor) =>
    tensor ? [Buffer.from(tensor.data.buffer, tensor.data.byteOffset, tensor.data.byteLength)] : [],
  );
  return bytes.reduce((sum, part) => crc32(part, sum), 0).toString(16);
}
