// The safetensors format: 8 bytes little-endian length, a JSON header { name: { dtype, shape, data_offsets } }, data.
// Reference: https://github.com/huggingface/safetensors#format
import { LapyraError } from './error.js';
import { type DType, elementCount, type TensorValue, type TensorValues } from './tensor-value.js';

/** As the format's own readers: a longer header is an attack, not a model. */
const LONGEST_HEADER = 100_000_000;

const NAMES: Readonly<Record<DType, string>> = {
  float32: 'F32',
  int32: 'I32',
  uint8: 'U8',
  bool: 'BOOL',
};

/**
 * The bytes of a safetensors file, in pieces that point into the tensors (nothing is copied). Tensors stand in the
 * file by width of element, then by name, so the same tensors give the same bytes.
 *
 * @throws {LapyraError} `LAPYRA_TENSORS_WRITE` for a tensor with more or fewer numbers than its shape has, or called
 * `__metadata__`
 */
export function encodeSafetensors(
  tensors: TensorValues,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array[] {
  const names = Object.keys(tensors).sort(
    (a, b) => bytesPerElement(b, tensors) - bytesPerElement(a, tensors) || (a < b ? -1 : 1),
  );
  const header: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
  if (Object.keys(metadata).length > 0) header['__metadata__'] = metadata;
  let offset = 0;
  for (const name of names) {
    const { dtype, shape, data } = tensors[name] as TensorValue;
    if (name === '__metadata__' || data.length !== elementCount(shape))
      throw new LapyraError(
        'LAPYRA_TENSORS_WRITE',
        `tensor '${name}': expected another name and as many numbers as its shape [${shape.join(', ')}], got ${data.length} numbers.`,
      );
    header[name] = {
      dtype: NAMES[dtype],
      shape,
      data_offsets: [offset, offset + data.byteLength],
    };
    offset += data.byteLength;
  }
  const json = new TextEncoder().encode(JSON.stringify(header));
  const length = Math.ceil(json.length / 8) * 8; // padded, so that the data is aligned
  const head = new Uint8Array(8 + length).fill(0x20); // spaces
  new DataView(head.buffer).setBigUint64(0, BigInt(length), true);
  head.set(json, 8);
  return [head, ...names.map((name) => bytesOf((tensors[name] as TensorValue).data))];
}

/**
 * The tensors of a safetensors file. Every claim of the header is checked: length, names, element types, shapes, and
 * that the tensors cover the data exactly, without overlap or hidden gaps.
 *
 * @param subject what is read, for the message
 * @throws {LapyraError} `LAPYRA_TENSORS_READ`
 */
export function decodeSafetensors(
  bytes: Uint8Array,
  subject: string,
): { readonly tensors: TensorValues; readonly metadata: Readonly<Record<string, string>> } {
  const refuse = (expected: string, got: string): never => {
    throw new LapyraError('LAPYRA_TENSORS_READ', `${subject}: expected ${expected}, got ${got}.`, {
      hint: 'The file is damaged, or no safetensors file.',
    });
  };
  if (bytes.length < 8) return refuse('at least 8 bytes', String(bytes.length));
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = Number(view.getBigUint64(0, true));
  if (length > Math.min(LONGEST_HEADER, bytes.length - 8))
    return refuse(
      `a header within the file's ${bytes.length} bytes`,
      `a header length of ${length}`,
    );
  const header = parseHeader(bytes.subarray(8, 8 + length));
  if (!header) return refuse('a JSON object as header', 'something else');
  const data = bytes.subarray(8 + length);

  const tensors: Record<string, TensorValue> = Object.create(null) as Record<string, TensorValue>;
  const spans: [number, number][] = [];
  let metadata: Readonly<Record<string, string>> = {};
  for (const [name, entry] of Object.entries(header)) {
    if (name === '__metadata__') {
      if (!isStringRecord(entry)) return refuse('text as metadata', JSON.stringify(entry));
      metadata = entry;
      continue;
    }
    const parsed = parseEntry(entry);
    if (!parsed || parsed.end > data.length)
      return refuse(
        `for tensor '${name}' a dtype, a shape and offsets within ${data.length} bytes`,
        JSON.stringify(entry).slice(0, 200),
      );
    spans.push([parsed.begin, parsed.end]);
    tensors[name] = tensorOf(parsed, data);
  }
  spans.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  let covered = 0;
  for (const [begin, end] of spans) {
    if (begin !== covered) return refuse(`data of a tensor at byte ${covered}`, `byte ${begin}`);
    covered = end;
  }
  if (covered !== data.length)
    return refuse(`${covered} bytes of tensors`, `${data.length} bytes of data`);
  return { tensors, metadata };
}

interface Entry {
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
}

function parseHeader(bytes: Uint8Array): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
    return isRecord(value) ? value : null;
  } catch {
    return null;
  }
}

function parseEntry(value: unknown): Entry | null {
  if (!isRecord(value)) return null;
  const { dtype: code, shape, data_offsets: offsets } = value;
  const dtype = (Object.keys(NAMES) as DType[]).find((key) => NAMES[key] === code);
  if (!dtype || !isCounts(shape) || !isCounts(offsets) || offsets.length !== 2) return null;
  const [begin, end] = offsets as [number, number];
  const bytes = elementCount(shape) * (dtype === 'float32' || dtype === 'int32' ? 4 : 1);
  return begin + bytes === end ? { dtype, shape, begin, end } : null;
}

function tensorOf({ dtype, shape, begin, end }: Entry, data: Uint8Array): TensorValue {
  // A copy of its own: aligned, and free of the file's bytes (a Buffer's slice would not copy).
  const { buffer } = new Uint8Array(data.subarray(begin, end));
  if (dtype === 'float32') return { dtype, shape, data: new Float32Array(buffer) };
  if (dtype === 'int32') return { dtype, shape, data: new Int32Array(buffer) };
  return { dtype, shape, data: new Uint8Array(buffer) };
}

function bytesPerElement(name: string, tensors: TensorValues): number {
  return tensors[name]?.data.BYTES_PER_ELEMENT ?? 0;
}

function bytesOf({ buffer, byteOffset, byteLength }: TensorValue['data']): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isStringRecord(value: unknown): value is Record<string, string> {
  return isRecord(value) && Object.values(value).every((item) => typeof item === 'string');
}

function isCounts(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((side) => Number.isSafeInteger(side) && side >= 0);
}
