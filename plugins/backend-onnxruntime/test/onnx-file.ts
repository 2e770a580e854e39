// Writes small ONNX files by hand, so that loading is tested with files that this project's compiler has not made. Field
// numbers are those of onnx.proto (github.com/onnx/onnx).

export interface FilePort {
  readonly name: string;
  /** TensorProto.DataType: 1 float, 2 uint8, 6 int32, 7 int64, 10 float16. */
  readonly type: number;
  readonly shape: readonly (number | string)[];
}

export interface FileNode {
  readonly op: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
}

/** An ONNX file of operator set 17 with these nodes. */
export function onnxFile(
  nodes: readonly FileNode[],
  inputs: readonly FilePort[],
  outputs: readonly FilePort[],
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  const graph = [
    ...nodes.map((node) =>
      message(1, [
        ...node.inputs.map((name) => text(1, name)),
        ...node.outputs.map((name) => text(2, name)),
        text(4, node.op),
      ]),
    ),
    text(2, 'by hand'),
    ...inputs.map((port) => message(11, portFields(port))),
    ...outputs.map((port) => message(12, portFields(port))),
  ];
  return Uint8Array.from(
    [
      integer(1, 8),
      message(7, graph),
      message(8, [text(1, ''), integer(2, 17)]),
      ...Object.entries(metadata).map(([key, value]) =>
        message(14, [text(1, key), text(2, value)]),
      ),
    ].flat(),
  );
}

function portFields({ name, type, shape }: FilePort): number[][] {
  const sides = shape.map((side) =>
    message(1, [typeof side === 'number' ? integer(1, side) : text(2, side)]),
  );
  return [text(1, name), message(2, [message(1, [integer(1, type), message(2, sides)])])];
}

function message(field: number, parts: readonly number[][]): number[] {
  const bytes = parts.flat();
  return [...varint(field * 8 + 2), ...varint(bytes.length), ...bytes];
}

function text(field: number, value: string): number[] {
  return message(field, [[...new TextEncoder().encode(value)]]);
}

function integer(field: number, value: number): number[] {
  return [...varint(field * 8), ...varint(value)];
}

function varint(value: number): number[] {
  return value < 128 ? [value] : [(value % 128) + 128, ...varint(Math.floor(value / 128))];
}
