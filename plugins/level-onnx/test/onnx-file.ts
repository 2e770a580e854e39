// ONNX files written by hand, field by field of onnx.proto, so that what they do is known: no compiler of ours is in between.

export interface NodeSpec {
  readonly op: string;
  readonly inputs: readonly string[];
  readonly output: string;
  /** Attributes that are texts. */
  readonly texts?: Readonly<Record<string, string>>;
}

export interface FileSpec {
  readonly inputs: Readonly<Record<string, readonly (number | string)[]>>;
  readonly outputs: Readonly<Record<string, readonly (number | string)[] | null>>;
  readonly nodes: readonly NodeSpec[];
  /** Constants: shape and numbers. */
  readonly constants?: Readonly<Record<string, readonly [readonly number[], readonly number[]]>>;
  /** ONNX's number of the type of inputs and outputs. @default 1, float32 */
  readonly type?: number;
  /** Say that the constants lie in another file. */
  readonly external?: boolean;
}

export function onnxFile(spec: FileSpec): Uint8Array {
  const { inputs, outputs, nodes, constants = {}, type = 1, external = false } = spec;
  const port = ([name, shape]: [string, readonly (number | string)[] | null]): number[] =>
    joined(
      bytes(1, name),
      bytes(
        2,
        bytes(
          1,
          joined(
            number(1, type),
            shape === null
              ? []
              : bytes(
                  2,
                  shape.flatMap((side) =>
                    bytes(1, typeof side === 'number' ? number(1, side) : bytes(2, side)),
                  ),
                ),
          ),
        ),
      ),
    );
  const graph = joined(
    nodes.flatMap(({ op, inputs: from, output, texts = {} }) =>
      bytes(
        1,
        joined(
          from.flatMap((name) => bytes(1, name)),
          bytes(2, output),
          bytes(4, op),
          Object.entries(texts).flatMap(([name, value]) =>
            bytes(5, joined(bytes(1, name), bytes(4, value), number(20, 3))),
          ),
        ),
      ),
    ),
    bytes(2, 'graph'),
    Object.entries(constants).flatMap(([name, [shape, values]]) =>
      bytes(
        5,
        joined(
          shape.flatMap((side) => number(1, side)),
          number(2, 1),
          bytes(8, name),
          external
            ? number(14, 1)
            : bytes(9, [...new Uint8Array(Float32Array.from(values).buffer)]),
        ),
      ),
    ),
    Object.entries(inputs).flatMap((entry) => bytes(11, port(entry))),
    Object.entries(outputs).flatMap((entry) => bytes(12, port(entry))),
  );
  return Uint8Array.from(joined(number(1, 8), bytes(7, graph), bytes(8, number(2, 17))));
}

/** Repeats each pixel `ratio` times along both axes, and adds a number to each channel. */
export function repeating(
  ratio: number,
  input: readonly (number | string)[],
  output: readonly (number | string)[] | null,
  options: { readonly added?: readonly number[]; readonly last?: boolean } = {},
): Uint8Array {
  const { added = [0], last = false } = options;
  const scales = last ? [1, ratio, ratio, 1] : [1, 1, ratio, ratio];
  return onnxFile({
    inputs: { x: input },
    outputs: { y: output },
    constants: {
      scales: [[4], scales],
      added: [last ? [added.length] : [added.length, 1, 1], added],
    },
    nodes: [
      { op: 'Resize', inputs: ['x', '', 'scales'], output: 'large', texts: { mode: 'nearest' } },
      { op: 'Add', inputs: ['large', 'added'], output: 'y' },
    ],
  });
}

function joined(...parts: readonly (readonly number[])[]): number[] {
  return parts.flat();
}

function varint(value: number): number[] {
  return value < 128 ? [value] : [(value % 128) + 128, ...varint(Math.floor(value / 128))];
}

function number(field: number, value: number): number[] {
  return [...varint(field * 8), ...varint(value)];
}

function bytes(field: number, value: string | readonly number[]): number[] {
  const inside = typeof value === 'string' ? [...new TextEncoder().encode(value)] : value;
  return [...varint(field * 8 + 2), ...varint(inside.length), ...inside];
}
