import type { DType } from '@lapyra/core';

/** Element types by their numbers in onnx.proto (github.com/onnx/onnx). */
const TYPES: Readonly<Record<DType, number>> = { float32: 1, uint8: 2, int32: 6, bool: 9 };

/** An ONNX file of one node, y = Identity(x), for tensors of any shape and one element type; 51 bytes. */
export function identityModel(dtype: DType): Uint8Array {
  const node = [...text(1, 'x'), ...text(2, 'y'), ...text(4, 'Identity')];
  const port = (name: string): number[] => [
    ...text(1, name),
    ...message(2, message(1, [0x08, TYPES[dtype]])), // a tensor of this element type
  ];
  const graph = [
    ...message(1, node),
    ...text(2, 'g'),
    ...message(11, port('x')),
    ...message(12, port('y')),
  ];
  // IR version 8, and version 17 of the operators, as the compiler writes.
  return Uint8Array.from([0x08, 8, ...message(7, graph), ...message(8, [0x10, 17])]);
}

/** A field with a length; all of them are shorter than 128 bytes, so that one byte has it. */
function message(field: number, bytes: readonly number[]): number[] {
  return [field * 8 + 2, bytes.length, ...bytes];
}

function text(field: number, value: string): number[] {
  return message(field, [...new TextEncoder().encode(value)]);
}
