/** One field of a protocol buffer message. */
export interface ProtobufField {
  readonly field: number;
  /** Of wire type 0, as an unsigned number of 64 bits. */
  readonly varint?: bigint;
  /** Of the wire types with a length or a fixed size. */
  readonly bytes?: Uint8Array;
}

/**
 * The fields of one message, in order: the wire types of protocol buffers, and no schema.
 *
 * @throws {RangeError} if the bytes are no message
 */
export function* readFields(message: Uint8Array): Generator<ProtobufField> {
  const cursor = { at: 0 };
  const skip = (count: number): Uint8Array => {
    const start = cursor.at;
    cursor.at += count;
    if (cursor.at > message.length) throw new RangeError(CUT_OFF);
    return message.subarray(start, cursor.at);
  };
  while (cursor.at < message.length) {
    const tag = Number(varint(message, cursor));
    const field = Math.floor(tag / 8);
    const wire = tag % 8;
    if (wire === 0) yield { field, varint: varint(message, cursor) };
    else if (wire === 1) yield { field, bytes: skip(8) };
    else if (wire === 2) yield { field, bytes: skip(Number(varint(message, cursor))) };
    else if (wire === 5) yield { field, bytes: skip(4) };
    else throw new RangeError(`the file has a field of unknown kind ${wire}`);
  }
}

/** Whole numbers written one after the other, as the format packs lists; negative ones as they were. */
export function readPacked(bytes: Uint8Array): number[] {
  const cursor = { at: 0 };
  const values: number[] = [];
  while (cursor.at < bytes.length) values.push(signed(varint(bytes, cursor)));
  return values;
}

/** A whole number of 64 bits with its sign. */
export function signed(value: bigint): number {
  return Number(BigInt.asIntN(64, value));
}

const CUT_OFF = 'the file ends in the middle of a field';

function varint(message: Uint8Array, cursor: { at: number }): bigint {
  let value = 0n;
  for (let shift = 0n; shift < 70n; shift += 7n) {
    const byte = message[cursor.at++];
    if (byte === undefined) throw new RangeError(CUT_OFF);
    value |= BigInt(byte & 127) << shift;
    if (byte < 128) return BigInt.asUintN(64, value);
  }
  throw new RangeError('the file has a number of more than 64 bits');
}
