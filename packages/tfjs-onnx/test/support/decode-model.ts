// The part of onnx.proto (github.com/onnx/onnx) that the tests read.
import protobuf from 'protobufjs';

const { root } = protobuf.parse(`
  syntax = "proto2";
  message Attribute {
    optional string name = 1; optional float f = 2; optional int64 i = 3; optional bytes s = 4;
    repeated int64 ints = 8; optional int32 type = 20;
  }
  message Node {
    repeated string input = 1; repeated string output = 2; optional string name = 3; optional string op_type = 4;
    repeated Attribute attribute = 5; optional string doc_string = 6; optional string domain = 7;
  }
  message Tensor { repeated int64 dims = 1; optional int32 data_type = 2; optional string name = 8; optional bytes raw_data = 9; }
  message Dimension { optional int64 dim_value = 1; optional string dim_param = 2; }
  message Shape { repeated Dimension dim = 1; }
  message TensorType { optional int32 elem_type = 1; optional Shape shape = 2; }
  message Type { optional TensorType tensor_type = 1; }
  message ValueInfo { optional string name = 1; optional Type type = 2; }
  message Graph {
    repeated Node node = 1; optional string name = 2; repeated Tensor initializer = 5;
    optional string doc_string = 10; repeated ValueInfo input = 11; repeated ValueInfo output = 12;
    repeated ValueInfo value_info = 13;
  }
  message OperatorSet { optional string domain = 1; optional int64 version = 2; }
  message Entry { optional string key = 1; optional string value = 2; }
  message Model {
    optional int64 ir_version = 1; optional string producer_name = 2; optional string producer_version = 3;
    optional string doc_string = 6; optional Graph graph = 7;
    repeated OperatorSet opset_import = 8; repeated Entry metadata_props = 14;
  }
`);
const Model = root.lookupType('Model');

/** A decoded ONNX file. */
export interface DecodedModel {
  irVersion: number;
  producerName: string;
  producerVersion: string;
  docString?: string;
  opsetImport: { domain: string; version: number }[];
  metadataProps: { key: string; value: string }[];
  graph: {
    name: string;
    docString?: string;
    node: {
      name: string;
      opType: string;
      domain: string;
      docString?: string;
      input: string[];
      output: string[];
      attribute: {
        name: string;
        type: number;
        i: number;
        f: number;
        s: number[];
        ints: number[];
      }[];
    }[];
    initializer: { name: string; dims: number[]; dataType: number; rawData: number[] }[];
    input: DecodedBorder[];
    output: DecodedBorder[];
    valueInfo: DecodedBorder[];
  };
}

interface DecodedBorder {
  name: string;
  type: {
    tensorType: { elemType: number; shape: { dim: { dimValue: number; dimParam: string }[] } };
  };
}

/** Decode an ONNX file with a protobuf library. */
export function decodeModel(bytes: Uint8Array): DecodedModel {
  return Model.toObject(Model.decode(bytes), {
    longs: Number,
    bytes: Array,
    arrays: true,
  }) as DecodedModel;
}
