// What an ONNX file takes and gives is read from the file itself, before there is an engine: ModelProto, GraphProto,
// ValueInfoProto and TypeProto of github.com/onnx/onnx, onnx.proto.
import { LapyraError } from '@lapyra/core';

/** A named input or output; `null` is a dimension that may be anything. */
export interface OnnxPort {
  readonly name: string;
  /** `float32`, or another type's name or number. */
  readonly dtype: string;
  /** `null`: the file does not say. */
  readonly shape: readonly (number | null)[] | null;
}

export interface OnnxPorts {
  /** Without those that the file holds a value for. */
  readonly inputs: readonly OnnxPort[];
  readonly outputs: readonly OnnxPort[];
}

const MODEL = { graph: 7, opset: 8 } as const;
const GRAPH = { node: 1, initializer: 5, input: 11, output: 12 } as const;
const TENSOR = { name: 8, location: 14 } as const;
const VALUE = { name: 1, type: 2 } as const;
const TYPE = { tensor: 1 } as const;
const TENSOR_TYPE = { element: 1, shape: 2 } as const;
const SHAPE = { dimension: 1 } as const;
const DIMENSION = { value: 1 } as const;
const TYPES: Readonly<Record<number, string>> = {
  1: 'float32',
  2: 'uint8',
  3: 'int8',
  6: 'int32',
  7: 'int64',
  9: 'bool',
  10: 'float16',
  11: 'float64',
};

/**
 * The inputs and outputs of an ONNX file.
 *
 * @param file its name, for messages
 * @throws {LapyraError} `LAPYRA_ONNX_FILE` if it is no ONNX file, or keeps its weights in other files
 */
export function onnxPorts(file: string, bytes: Uint8Array): OnnxPorts {
  const parts = readMessage(file, bytes);
  const graphs = parts.filter(({ field, bytes: inside }) => field === MODEL.graph && inside);
  if (graphs.length !== 1 || !parts.some(({ field }) => field === MODEL.opset))
    throw noOnnx(file, 'another file');
  const graph = readMessage(file, graphs[0]!.bytes!);
  if (!graph.some(({ field }) => field === GRAPH.node)) throw noOnnx(file, 'one without operators');
  const held = new Set<string>();
  for (const { field, bytes: tensor } of graph) {
    if (field !== GRAPH.initializer || !tensor) continue;
    const inside = readMessage(file, tensor);
    held.add(text(inside, TENSOR.name));
    if (inside.some((part) => part.field === TENSOR.location && part.value === 1)) {
      throw new LapyraError(
        'LAPYRA_ONNX_FILE',
        `${file}: expected weights inside of the file, got some that lie in other files.`,
        { hint: 'Save the model as one file, without external data.' },
      );
    }
  }
  const ports = (field: number): OnnxPort[] =>
    graph.flatMap((part) => (part.field === field && part.bytes ? [port(file, part.bytes)] : []));
  return {
    inputs: ports(GRAPH.input).filter(({ name }) => !held.has(name)),
    outputs: ports(GRAPH.output),
  };
}

function port(file: string, bytes: Uint8Array): OnnxPort {
  const info = readMessage(file, bytes);
  const type = within(file, info, VALUE.type);
  const tensor = within(file, type, TYPE.tensor);
  const element = tensor.find(({ field }) => field === TENSOR_TYPE.element)?.value;
  const stated = tensor.find(({ field }) => field === TENSOR_TYPE.shape)?.bytes;
  const dimensions = stated
    ? readMessage(file, stated).flatMap((part) =>
        part.field === SHAPE.dimension && part.bytes ? [readMessage(file, part.bytes)] : [],
      )
    : null;
  return {
    name: text(info, VALUE.name),
    dtype: element === undefined ? 'no tensor' : (TYPES[element] ?? `type ${element}`),
    shape:
      dimensions?.map(
        (parts) => parts.find(({ field }) => field === DIMENSION.value)?.value ?? null,
      ) ?? null,
  };
}

interface Part {
  readonly field: number;
  readonly value?: number;
  readonly bytes?: Uint8Array;
}

function within(file: string, parts: readonly Part[], wanted: number): Part[] {
  const found = parts.find(({ field, bytes }) => field === wanted && bytes);
  return found ? readMessage(file, found.bytes!) : [];
}

function text(parts: readonly Part[], wanted: number): string {
  const found = parts.find(({ field, bytes }) => field === wanted && bytes);
  return found ? new TextDecoder().decode(found.bytes) : '';
}

/** The fields of a message of protocol buffers. */
function readMessage(file: string, message: Uint8Array): Part[] {
  const parts: Part[] = [];
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = message[at++];
      if (byte === undefined || scale > 2 ** 63)
        throw noOnnx(file, 'another file, or a part of one');
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
  };
  while (at < message.length) {
    const tag = varint();
    const field = Math.floor(tag / 8);
    const kind = tag % 8;
    if (kind === 0) parts.push({ field, value: varint() });
    else if (kind === 1 || kind === 5) at += kind === 1 ? 8 : 4;
    else if (kind === 2) {
      const length = varint();
      parts.push({ field, bytes: message.subarray(at, at + length) });
      at += length;
    } else throw noOnnx(file, 'another file');
    if (at > message.length) throw noOnnx(file, 'another file, or a part of one');
  }
  return parts;
}

function noOnnx(file: string, got: string): LapyraError {
  return new LapyraError('LAPYRA_ONNX_FILE', `${file}: expected an ONNX file, got ${got}.`, {
    hint: 'Convert the model to ONNX, as one file.',
  });
}
