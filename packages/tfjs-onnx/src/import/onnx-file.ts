// An ONNX file as it stands: field numbers of onnx.proto in the ONNX repository (github.com/onnx/onnx).
import { readFields, readPacked, signed, type ProtobufField } from '../onnx/protobuf-reader.js';

/** A tensor stored in a file. */
export interface StoredTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: StoredType;
  readonly data: Float32Array | readonly number[];
}

/** Element types whose values are read; others keep the number that ONNX has for them. */
export type StoredType = 'float32' | 'int32' | 'int64' | 'bool' | 'uint8';

/** The value of an attribute. */
export type AttrValue = number | string | readonly number[] | StoredTensor | null;

/** One operator call of a file. */
export interface OnnxCall {
  readonly op: string;
  readonly domain: string;
  readonly name: string;
  /** Names of values; an empty one is left out. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** `null` where the attribute is of a kind that is not read, such as a graph. */
  readonly attrs: Readonly<Record<string, AttrValue>>;
}

/** An input or output; sizes that are not fixed are `null`, a shape that is not stated is absent. */
export interface StoredBorder {
  readonly name: string;
  /** As ONNX numbers them; 1 is float32. */
  readonly dtype: number;
  readonly shape?: readonly (number | null)[];
}

/** What is read of a file. */
export interface StoredModel {
  readonly producer: string;
  /** Version of each domain of operators; ONNX's own is ''. */
  readonly opsets: ReadonlyMap<string, number>;
  readonly name: string;
  readonly calls: readonly OnnxCall[];
  readonly stored: readonly StoredTensor[];
  readonly inputs: readonly StoredBorder[];
  readonly outputs: readonly StoredBorder[];
}

const STORED_TYPES: Readonly<Record<number, StoredType>> = {
  1: 'float32',
  2: 'uint8',
  6: 'int32',
  7: 'int64',
  9: 'bool',
};
/** By the type of an attribute the value that some writers leave out (those by proto3): a float, a whole number, a text. */
const LEFT_OUT: Readonly<Record<number, AttrValue>> = { 1: 0, 2: 0, 3: '' };
/** Names of ONNX's element types, for messages. */
const TYPE_NAMES = ['undefined', 'float32', 'uint8', 'int8', 'uint16', 'int16', 'int32', 'int64', 'string', 'bool', 'float16', 'float64', 'uint32', 'uint64', 'complex64', 'complex128', 'bfloat16']; // prettier-ignore

/** How a type is called in messages. */
export function typeName(dtype: number): string {
  return TYPE_NAMES[dtype] ?? `type ${dtype}`;
}

/**
 * Read a file.
 *
 * @throws {RangeError} saying what is wrong with the bytes
 */
export function readModel(file: Uint8Array): StoredModel {
  const opsets = new Map<string, number>();
  let producer = '';
  let graph: Uint8Array | undefined;
  for (const { field, bytes } of readFields(file)) {
    if (bytes === undefined) continue;
    if (field === 2) producer = text(bytes);
    else if (field === 7) graph = bytes;
    else if (field === 8) {
      const fields = [...readFields(bytes)];
      const domain = fields.find((part) => part.field === 1)?.bytes;
      opsets.set(
        domain === undefined ? '' : domainOf(text(domain)),
        signed(fields.find((part) => part.field === 2)?.varint ?? 0n),
      );
    }
  }
  if (graph === undefined) throw new RangeError('it has no graph');
  return { producer, opsets, ...readGraph(graph) };
}

function readGraph(bytes: Uint8Array): Omit<StoredModel, 'producer' | 'opsets'> {
  const calls: OnnxCall[] = [];
  const stored: StoredTensor[] = [];
  const inputs: StoredBorder[] = [];
  const outputs: StoredBorder[] = [];
  let name = '';
  for (const { field, bytes: part } of readFields(bytes)) {
    if (part === undefined) continue;
    if (field === 1) calls.push(readCall(part));
    else if (field === 2) name = text(part);
    else if (field === 5) stored.push(readTensor(part));
    else if (field === 11) inputs.push(readBorder(part));
    else if (field === 12) outputs.push(readBorder(part));
    else if (field === 15) throw new RangeError('it stores sparse tensors');
  }
  return { name, calls, stored, inputs, outputs };
}

function readCall(bytes: Uint8Array): OnnxCall {
  const inputs: string[] = [];
  const outputs: string[] = [];
  const attrs: Record<string, AttrValue> = {};
  const texts: Record<number, string> = {};
  for (const { field, bytes: part } of readFields(bytes)) {
    if (part === undefined) continue;
    if (field === 1) inputs.push(text(part));
    else if (field === 2) outputs.push(text(part));
    else if (field === 5) {
      const [name, value] = readAttribute(part);
      attrs[name] = value;
    } else texts[field] = text(part);
  }
  const { 3: name = '', 4: op = '', 7: domain = '' } = texts;
  return { op, domain: domainOf(domain), name, inputs, outputs, attrs };
}

function readAttribute(bytes: Uint8Array): [string, AttrValue] {
  let name = '';
  let type = 0;
  let single: AttrValue = null;
  const list: number[] = [];
  for (const part of readFields(bytes)) {
    const { field, varint, bytes: value } = part;
    if (field === 1 && value) name = text(value);
    else if (field === 20) type = signed(varint ?? 0n);
    else if (field === 2 && value) single = floatAt(value, 0);
    else if (field === 3) single = signed(varint ?? 0n);
    else if (field === 4 && value) single = text(value);
    else if (field === 5 && value) single = readTensor(value);
    else if (field === 7 && value) list.push(...floats(value));
    else if (field === 8) list.push(...integers(part));
  }
  // 6 and 7 are the types of lists of floats and whole numbers, which may be empty.
  return [name, type === 6 || type === 7 ? list : (single ?? LEFT_OUT[type] ?? null)];
}

function readTensor(bytes: Uint8Array): StoredTensor {
  const shape: number[] = [];
  let name = '';
  let type = 0;
  let raw: Uint8Array | undefined;
  const numbers: number[] = [];
  for (const part of readFields(bytes)) {
    const { field, varint, bytes: value } = part;
    if (field === 1) shape.push(...integers(part));
    else if (field === 2) type = signed(varint ?? 0n);
    else if (field === 4 && value) for (const number of floats(value)) numbers.push(number);
    else if (field === 5 || field === 7) for (const number of integers(part)) numbers.push(number);
    else if (field === 8 && value) name = text(value);
    else if (field === 9) raw = value;
    else if (field === 13 || (field === 14 && varint === 1n))
      throw new RangeError(`the values of "${name}" are in another file`);
  }
  const dtype = STORED_TYPES[type];
  const size = shape.reduce((a, b) => a * b, 1);
  if (dtype === undefined)
    throw new RangeError(`"${name}" is of ${typeName(type)}, which is not read`);
  const data = raw === undefined ? (dtype === 'float32' ? Float32Array.from(numbers) : numbers) : fromRaw(dtype, raw); // prettier-ignore
  if (data.length !== size) {
    throw new RangeError(
      `"${name}" has the shape [${shape.join(', ')}] and ${data.length} numbers`,
    );
  }
  return { name, shape, dtype, data };
}

function fromRaw(dtype: StoredType, raw: Uint8Array): Float32Array | number[] {
  const view = new DataView(raw.buffer, raw.byteOffset, raw.byteLength);
  const width = { float32: 4, int32: 4, int64: 8, bool: 1, uint8: 1 }[dtype];
  const length = Math.floor(raw.length / width);
  if (dtype === 'float32')
    return Float32Array.from({ length }, (_, i) => view.getFloat32(4 * i, true));
  return Array.from({ length }, (_, i) => {
    if (dtype === 'int64') return Number(view.getBigInt64(8 * i, true));
    return dtype === 'int32' ? view.getInt32(4 * i, true) : view.getUint8(i);
  });
}

function readBorder(bytes: Uint8Array): StoredBorder {
  let name = '';
  let dtype = 0;
  let shape: (number | null)[] | undefined;
  for (const { field, bytes: part } of readFields(bytes)) {
    if (field === 1 && part) name = text(part);
    if (field !== 2 || !part) continue;
    for (const type of readFields(part)) {
      if (type.field !== 1 || !type.bytes) continue; // no tensor
      for (const { field: of, varint, bytes: value } of readFields(type.bytes)) {
        if (of === 1) dtype = signed(varint ?? 0n);
        else if (of === 2 && value)
          shape = [...readFields(value)].map((size) => sizeOf(size.bytes ?? new Uint8Array()));
      }
    }
  }
  return { name, dtype, ...(shape === undefined ? {} : { shape }) };
}

function sizeOf(bytes: Uint8Array): number | null {
  const fixed = [...readFields(bytes)].find(({ field }) => field === 1)?.varint;
  return fixed === undefined ? null : signed(fixed);
}

function integers({ varint, bytes }: ProtobufField): number[] {
  return bytes === undefined ? [signed(varint ?? 0n)] : readPacked(bytes);
}

function floats(bytes: Uint8Array): number[] {
  return Array.from({ length: Math.floor(bytes.length / 4) }, (_, i) => floatAt(bytes, 4 * i));
}

function floatAt(bytes: Uint8Array, at: number): number {
  return new DataView(bytes.buffer, bytes.byteOffset).getFloat32(at, true);
}

function text(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

/** ONNX's own operators have two names. */
function domainOf(name: string): string {
  return name === 'ai.onnx' ? '' : name;
}
