// NumPy's format for one array, read row by row: an array of captions may be larger than memory.
// Reference: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
import type { FileHandle } from 'node:fs/promises';

const MAGIC = '\u0093NUMPY';

export interface NpyArray {
  readonly shape: readonly number[];
  /** Where the numbers begin, in bytes. */
  readonly start: number;
  /** Bytes of a number: float32 or float64, little-endian, in C order. */
  readonly bytes: 4 | 8;
}

/** The header of a file; a text, what is wrong with it, if it is none that can be read. */
export async function readNpyHeader(file: FileHandle): Promise<NpyArray | string> {
  const { size } = await file.stat();
  const head = Buffer.alloc(12);
  const { bytesRead } = await file.read(head, 0, 12, 0);
  if (bytesRead < 12 || head.toString('latin1', 0, 6) !== MAGIC) return 'no NumPy file';
  const major = head.readUInt8(6);
  if (major < 1 || major > 3) return `version ${major} of the format`;
  const from = major === 1 ? 10 : 12;
  const length = major === 1 ? head.readUInt16LE(8) : head.readUInt32LE(8);
  if (from + length > size) return 'a file that was cut off';
  const text = Buffer.alloc(length);
  await file.read(text, 0, length, from);
  return parse(text.toString('utf8'), from + length, size);
}

/** The header is a Python dictionary with three known keys. */
function parse(header: string, start: number, size: number): NpyArray | string {
  const [, type] = /'descr':\s*'([^']+)'/.exec(header) ?? [];
  const [, order] = /'fortran_order':\s*(True|False)/.exec(header) ?? [];
  const [, sides] = /'shape':\s*\(([\d,\s]*)\)/.exec(header) ?? [];
  if (type === undefined || order === undefined || sides === undefined)
    return `a header without type, order and shape: ${header.slice(0, 80)}`;
  if (type !== '<f4' && type !== '<f8') return `numbers of type '${type}'`;
  if (order === 'True') return 'an array in Fortran order';
  const bytes = type === '<f4' ? 4 : 8;
  const shape = sides
    .split(',')
    .filter((side) => side.trim() !== '')
    .map(Number);
  const expected = start + shape.reduce((product, side) => product * side, 1) * bytes;
  if (expected !== size) return `${size} bytes instead of ${expected}`;
  return { shape, start, bytes };
}

/** `count` numbers from number `first` on, as float32. */
export async function readNumbers(
  file: FileHandle,
  { start, bytes }: NpyArray,
  first: number,
  count: number,
): Promise<Float32Array> {
  const raw = Buffer.alloc(count * bytes);
  await file.read(raw, 0, raw.length, start + first * bytes);
  return Float32Array.from({ length: count }, (_, i) =>
    bytes === 4 ? raw.readFloatLE(i * 4) : raw.readDoubleLE(i * 8),
  );
}
