import type { CapturedTensors } from './captured-tensors.js';
import type { BorderDType, Graph } from './graph/graph.js';
import { simplify } from './graph/simplify.js';
import type { HostTensor } from './host-tensor.js';
import { BATCH, mergeBatches, TRACED_BATCHES, type Size } from './onnx/any-batch.js';
import { encodeModel, innerValues, type BorderInfo } from './onnx/encode-model.js';
import { lowerGraph, type LoweredGraph } from './onnx/lower-graph.js';
import type { OnnxGraph } from './onnx/onnx-graph.js';
import type { InputSpec, InputSpecs, TensorFunction } from './tensor-function.js';
import { TfjsOnnxError } from './tfjs-onnx-error.js';
import { trace, traceAgain } from './tracer/trace.js';

/** What to write. */
export interface ToOnnxOptions {
  /** A `null` in the first place of a shape means any batch size, the same one for all inputs. */
  readonly inputs: InputSpecs;
  /** Name of the graph in the file. */
  readonly name: string;
  /** Names of int32 inputs that the file takes as int64, which is what other tools give for labels and indices. */
  readonly wideInputs?: readonly string[];
  /** What the model is, in words. */
  readonly description?: string;
  /** Text that is stored beside the graph. */
  readonly metadata?: Readonly<Record<string, string>>;
  /** Tensors that the function sees as inputs and the file stores, such as trained weights. */
  readonly constants?: Readonly<Record<string, HostTensor>>;
  /** Values of tensors that the function uses without getting them, by `captureTensors`; the file stores them. */
  readonly captured?: CapturedTensors;
  /** Element types of outputs that differ from the function's own. */
  readonly outputTypes?: Readonly<Record<string, BorderDType>>;
}

/** An ONNX file and what it needs and gives. A `null` size follows the batch. */
export interface OnnxFile {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly inputs: Readonly<Record<string, InputSpec>>;
  readonly outputs: Readonly<Record<string, InputSpec>>;
  /** How many ONNX nodes the graph has. */
  readonly nodes: number;
}

/**
 * Write a function as an ONNX file (operator set 17).
 *
 * With `null` as a leading size the file runs at any batch size: the function is traced at batches of 2, 3 and 7, and refused if the
 * graphs differ in anything but multiples of the batch.
 *
 * @throws {TfjsOnnxError} naming the operation that cannot be traced or that depends on the batch size
 */
export function toOnnx(fn: TensorFunction, options: ToOnnxOptions): OnnxFile {
  const { inputs, constants = {}, name, description, metadata } = options;
  for (const constant of Object.keys(constants)) {
    if (constant in inputs) {
      throw new TfjsOnnxError(
        'TFJS_ONNX_BAD_INPUT',
        `constant "${constant}": expected a name of its own, got that of an input.`,
      );
    }
  }
  const batchInput = Object.keys(inputs).find((input) => inputs[input]?.shape[0] === null);
  const { graph, shapes } =
    batchInput === undefined
      ? fixed(fn, options)
      : mergeBatches(lowerBatches(fn, options), batchInput);
  const borders = (values: OnnxGraph['inputs']): BorderInfo[] =>
    values.map((value) => ({
      ...value,
      shape: (shapes.get(value.name) ?? value.shape).map(symbolOf),
    }));
  const info = {
    name,
    inputs: borders(graph.inputs),
    outputs: borders(graph.outputs),
    values: borders(innerValues(graph)),
    sources: true,
    ...(description === undefined ? {} : { description }),
    ...(metadata === undefined ? {} : { metadata }),
  };
  return {
    bytes: encodeModel(graph, info),
    inputs: specsOf(info.inputs),
    outputs: specsOf(info.outputs),
    nodes: graph.nodes.length,
  };
}

function fixed(
  fn: TensorFunction,
  options: ToOnnxOptions,
): { graph: OnnxGraph; shapes: ReadonlyMap<string, readonly Size[]> } {
  const traced = trace(fn, traceOptions(options, 1));
  return { graph: lower(traced, options, false).graph, shapes: new Map() };
}

function lowerBatches(fn: TensorFunction, options: ToOnnxOptions): OnnxGraph[] {
  return TRACED_BATCHES.map((batch, i) => {
    const traced = (i === 0 ? trace : traceAgain)(fn, traceOptions(options, batch));
    return lower(traced, options, true).graph;
  });
}

function lower(
  traced: Graph,
  { constants = {}, wideInputs = [] }: ToOnnxOptions,
  anyBatch: boolean,
): LoweredGraph {
  const lowered = lowerGraph(simplify(traced), {
    anyBatch,
    target: 'portable',
    constants,
    wideInputs,
  });
  for (const [name, inFile] of lowered.outputNames) {
    if (name === inFile) continue;
    throw new TfjsOnnxError(
      'TFJS_ONNX_BAD_OUTPUT',
      `output "${name}": expected a name of its own, got that of an input or constant.`,
      {
        hint: 'Values in an ONNX file have one name each: rename the output.',
      },
    );
  }
  return lowered;
}

function traceOptions(options: ToOnnxOptions, batch: number): Parameters<typeof trace>[1] {
  const sized = Object.entries(options.inputs).map(([name, { shape, dtype }]) => [
    name,
    { dtype, shape: shape.map((size, axis) => (size === null && axis === 0 ? batch : size)) },
  ]);
  const stored = Object.entries(options.constants ?? {}).map(([name, { shape, dtype }]) => [
    name,
    { shape, dtype },
  ]);
  const inputs = Object.fromEntries([...sized, ...stored]) as InputSpecs;
  return {
    inputs,
    ...(options.outputTypes === undefined ? {} : { outputTypes: options.outputTypes }),
    ...(options.captured === undefined ? {} : { captured: options.captured }),
  };
}

function symbolOf(size: Size): number | string {
  if (typeof size === 'number') return size;
  return size.times === 1 ? BATCH : `${size.times}*${BATCH}`;
}

function specsOf(borders: readonly BorderInfo[]): Record<string, InputSpec> {
  return Object.fromEntries(
    borders.map(({ name, dtype, shape }) => [
      name,
      {
        dtype: dtype as BorderDType,
        shape: shape.map((size) => (typeof size === 'number' ? size : null)),
      },
    ]),
  );
}
