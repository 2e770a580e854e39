import { readFields } from '../onnx/protobuf-reader.js';

// Field numbers of ModelProto and StringStringEntryProto in onnx.proto (github.com/onnx/onnx).
const METADATA = 14;
const [KEY, VALUE] = [1, 2];

/**
 * The keys and values that an ONNX file stores beside its graph. ONNX Runtime's JavaScript packages do not hand them out.
 *
 * @throws {RangeError} if the bytes are no protocol buffer
 */
export function modelMetadata(file: Uint8Array): Record<string, string> {
  const entries: Record<string, string> = {};
  for (const { field, bytes } of readFields(file)) {
    if (field !== METADATA || !bytes) continue;
    const texts = new Map<number, string>();
    for (const part of readFields(bytes))
      if (part.bytes) texts.set(part.field, new TextDecoder().decode(part.bytes));
    entries[texts.get(KEY) ?? ''] = texts.get(VALUE) ?? '';
  }
  return entries;
}
