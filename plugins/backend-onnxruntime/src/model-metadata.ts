// ONNX Runtime's JavaScript packages do not hand out a file's metadata, so it is read from the file: field 14 of
// ModelProto is a list of StringStringEntryProto (github.com/onnx/onnx, onnx.proto).

const METADATA = 14;
const [KEY, VALUE] = [1, 2];

/**
 * The keys and values in an ONNX file.
 *
 * @throws {RangeError} if the bytes are no protocol buffer
 */
export function modelMetadata(file: Uint8Array): Record<string, string> {
  const entries: Record<string, string> = {};
  for (const { field, bytes } of fields(file)) {
    if (field !== METADATA || !bytes) continue;
    const texts = new Map<number, string>();
    for (const part of fields(bytes))
      if (part.bytes) texts.set(part.field, new TextDecoder().decode(part.bytes));
    entries[texts.get(KEY) ?? ''] = texts.get(VALUE) ?? '';
  }
  return entries;
}

/** The fields of one message; `bytes` of those that have a length. */
function* fields(message: Uint8Array): Generator<{ field: number; bytes?: Uint8Array }> {
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = message[at++];
      if (byte === undefined) throw new RangeError('the file ends in the middle of a field');
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
  };
  const skip = (count: number): Uint8Array => {
    const start = at;
    at += count;
    if (at > message.length) throw new RangeError('the file ends in the middle of a field');
    return message.subarray(start, at);
  };
  while (at < message.length) {
    const tag = varint();
    const field = Math.floor(tag / 8);
    if (tag % 8 === 2) yield { field, bytes: skip(varint()) };
    else {
      if (tag % 8 === 0) varint();
      else if (tag % 8 === 1) skip(8);
      else if (tag % 8 === 5) skip(4);
      else throw new RangeError(`the file has a field of unknown kind ${tag % 8}`);
      yield { field };
    }
  }
}
