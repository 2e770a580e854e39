// ONNX's ModelProto on the wire. Field numbers are those of onnx.proto in the ONNX repository (github.com/onnx/onnx).
import type {
  Initializer,
  OnnxAttr,
  OnnxDType,
  OnnxGraph,
  OnnxNode,
  OnnxValue,
} from './onnx-graph.js';
import { ProtobufWriter } from './protobuf-writer.js';
import { PRODUCER, VERSION } from './producer.js';

/** The operator set that all graphs are written for. */
const OPSET = 17;

const IR_VERSION = 8;
const DATA_TYPES: Readonly<Record<OnnxDType, number>> = {
  float32: 1,
  uint8: 2,
  int32: 6,
  int64: 7,
  bool: 9,
};
const ATTRIBUTE_FLOAT = 1;
const ATTRIBUTE_INT = 2;
const ATTRIBUTE_STRING = 3;
const ATTRIBUTE_INTS = 7;

/** Name, element type and shape of a graph's input or output; a text stands for a size that is not fixed. */
export interface BorderInfo {
  readonly name: string;
  readonly dtype: OnnxDType;
  readonly shape: readonly (number | string)[];
}

/** What goes into the file beside the graph. */
export interface ModelInfo {
  readonly name: string;
  /** What the model is, in words. */
  readonly description?: string;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly inputs: readonly BorderInfo[];
  readonly outputs: readonly BorderInfo[];
  /** Types of values in between, for who reads the file; none by default. */
  readonly values?: readonly BorderInfo[];
  /** Whether each node says which tfjs operation it comes from. Default `false`. */
  readonly sources?: boolean;
}

/** Encode a graph as the bytes of an ONNX file. Equal graphs give equal bytes. */
export function encodeModel(graph: OnnxGraph, info: ModelInfo): Uint8Array<ArrayBuffer> {
  const domains = new Set(['', ...graph.nodes.map(({ domain }) => domain)]);
  const { description, sources = false } = info;
  const model = new ProtobufWriter().int(1, IR_VERSION).text(2, PRODUCER).text(3, VERSION);
  if (description !== undefined) model.text(6, description);
  model.message(7, (writer) => {
    for (const node of graph.nodes) writer.message(1, (nested) => writeNode(nested, node, sources));
    writer.text(2, info.name);
    for (const initializer of graph.initializers)
      writer.message(5, (nested) => writeTensor(nested, initializer));
    if (description !== undefined) writer.text(10, description);
    for (const border of info.inputs) writer.message(11, (nested) => writeBorder(nested, border));
    for (const border of info.outputs) writer.message(12, (nested) => writeBorder(nested, border));
    for (const value of info.values ?? [])
      writer.message(13, (nested) => writeBorder(nested, value));
  });
  for (const domain of domains) {
    model.message(8, (opset) => opset.text(1, domain).int(2, domain === '' ? OPSET : 1));
  }
  for (const [key, value] of Object.entries(info.metadata ?? {})) {
    model.message(14, (entry) => entry.text(1, key).text(2, value));
  }
  return model.finish();
}

/** The values of known shape between inputs and outputs whose nodes are in ONNX's own set of operators. */
export function innerValues(graph: OnnxGraph): OnnxValue[] {
  const outputs = new Set(graph.outputs.map(({ name }) => name));
  return graph.nodes
    .filter(({ domain }) => domain === '')
    .flatMap((node) => node.outputs)
    .filter(({ name, open }) => !outputs.has(name) && open !== true);
}

function writeNode(writer: ProtobufWriter, node: OnnxNode, sources: boolean): void {
  for (const input of node.inputs) writer.text(1, input?.name ?? '');
  for (const output of node.outputs) writer.text(2, output.name);
  writer.text(3, node.name).text(4, node.op);
  for (const [name, attr] of Object.entries(node.attrs)) {
    writer.message(5, (nested) => writeAttribute(nested.text(1, name), attr));
  }
  if (sources) writer.text(6, node.source);
  if (node.domain !== '') writer.text(7, node.domain);
}

function writeAttribute(writer: ProtobufWriter, attr: OnnxAttr): void {
  if (typeof attr === 'number') writer.int(3, attr).int(20, ATTRIBUTE_INT);
  else if (typeof attr === 'string') writer.text(4, attr).int(20, ATTRIBUTE_STRING);
  else if ('float' in attr) writer.float(2, attr.float).int(20, ATTRIBUTE_FLOAT);
  else {
    for (const value of attr) writer.int(8, value);
    writer.int(20, ATTRIBUTE_INTS);
  }
}

function writeTensor(writer: ProtobufWriter, { value, data }: Initializer): void {
  writer.ints(1, value.shape).int(2, DATA_TYPES[value.dtype]).text(8, value.name);
  writer.bytes(9, rawData(data));
}

function rawData(data: Initializer['data']): Uint8Array {
  if (!ArrayBuffer.isView(data)) {
    const bytes = new Uint8Array(data.length * 8);
    const view = new DataView(bytes.buffer);
    data.forEach((value, i) => view.setBigInt64(i * 8, BigInt(value), true));
    return bytes;
  }
  if (data instanceof Uint8Array) return data;
  const bytes = new Uint8Array(data.length * 4);
  const view = new DataView(bytes.buffer);
  if (data instanceof Float32Array) data.forEach((value, i) => view.setFloat32(i * 4, value, true));
  else data.forEach((value, i) => view.setInt32(i * 4, value, true));
  return bytes;
}

function writeBorder(writer: ProtobufWriter, border: BorderInfo): void {
  writer.text(1, border.name).message(2, (type) =>
    type.message(1, (tensor) =>
      tensor.int(1, DATA_TYPES[border.dtype]).message(2, (shape) => {
        for (const size of border.shape) {
          shape.message(1, (dim) =>
            typeof size === 'number' ? dim.int(1, size) : dim.text(2, size),
          );
        }
      }),
    ),
  );
}
