import { tidy, type DataType, type NamedTensorMap, type Tensor } from '@tensorflow/tfjs-core';
import { captureTensors } from './captured-tensors.js';
import type { InputSpec, InputSpecs, TensorFunction } from './tensor-function.js';
import { TfjsOnnxError } from './tfjs-onnx-error.js';
import { toOnnx, type OnnxFile, type ToOnnxOptions } from './to-onnx.js';

/** What is needed of a `tf.LayersModel` of tfjs-layers. */
export interface LayersModelLike {
  readonly name: string;
  /** A sequential model has none before it is built. */
  readonly inputNames: readonly string[] | undefined;
  readonly outputNames: readonly string[] | undefined;
  readonly inputs: readonly {
    readonly shape: readonly (number | null)[];
    readonly dtype: DataType;
  }[];
  readonly weights: readonly { readonly name: string; read(): Tensor }[];
  readonly layers: readonly { readonly name: string; readonly stateful?: boolean }[];
  /** Makes what a sequential model has only once it is built. */
  build?(shape: never): void;
  apply(inputs: Tensor[], options: { readonly training: boolean }): unknown;
}

/** What is needed of a `tf.GraphModel` of tfjs-converter. */
export interface GraphModelLike {
  readonly inputs: readonly {
    readonly name: string;
    readonly shape?: readonly (number | null)[];
    readonly dtype: DataType;
  }[];
  readonly outputs: readonly { readonly name: string }[];
  readonly weights: Readonly<Record<string, readonly Tensor[]>>;
  execute(inputs: NamedTensorMap, outputs: string[]): Tensor | Tensor[];
}

/** How to write a model. */
export interface ModelToOnnxOptions extends Pick<
  ToOnnxOptions,
  'description' | 'metadata' | 'wideInputs'
> {
  /** Name of the graph. Default: the name of a layers model, or `"model"`. */
  readonly name?: string;
  /** Shapes of inputs that the model leaves open or that the file shall fix; `null` in the first place means any batch size. */
  readonly shapes?: Readonly<Record<string, readonly (number | null)[]>>;
}

/**
 * Write a model of tfjs-layers or tfjs-converter, as it predicts, to an ONNX file with its weights inside.
 *
 * Inputs and outputs keep their names and tfjs's layout, images [B, H, W, C]; where the model leaves the batch open, the file runs
 * at any batch size. tfjs-layers names outputs after their layers: where one layer gives several, those after the first get `_1`, `_2`, …
 *
 * @throws {TfjsOnnxError} `TFJS_ONNX_BAD_INPUT` for sizes other than the batch that are open, and for layers that keep a state from one
 * call to the next; as {@link toOnnx} for the rest
 */
export async function modelToOnnx(
  model: LayersModelLike | GraphModelLike,
  options: ModelToOnnxOptions = {},
): Promise<OnnxFile> {
  const { shapes = {}, ...rest } = options;
  const { fn, inputs, weights, name } = isLayersModel(model) ? ofLayers(model) : ofGraph(model);
  for (const input of Object.keys(shapes)) {
    if (input in inputs) continue;
    throw new TfjsOnnxError(
      'TFJS_ONNX_BAD_INPUT',
      `input "${input}": expected one of ${Object.keys(inputs).join(', ')}, got an unknown name.`,
    );
  }
  const specs = Object.entries(inputs).map(([input, { shape, dtype }]): [string, InputSpec] => [
    input,
    { dtype, shape: checkedShape(input, shapes[input] ?? shape) },
  ]);
  const captured = await captureTensors(weights);
  return toOnnx(fn, { name, inputs: Object.fromEntries(specs), captured, ...rest });
}

interface Source {
  readonly fn: TensorFunction;
  readonly inputs: InputSpecs;
  readonly weights: Readonly<Record<string, Tensor>>;
  readonly name: string;
}

function isLayersModel(model: LayersModelLike | GraphModelLike): model is LayersModelLike {
  return 'layers' in model;
}

function ofLayers(model: LayersModelLike): Source {
  if (model.inputNames === undefined || model.inputNames.length === 0) {
    // A sequential model takes its shape from its first layer and ignores the argument.
    model.build?.(undefined as never);
  }
  const { name, inputNames = [] } = model;
  refuseState(model.layers);
  const outputNames = distinct(model.outputNames ?? [], inputNames);
  return {
    name,
    inputs: Object.fromEntries(
      model.inputs.map(({ shape, dtype }, i) => [
        inputNames[i] ?? '',
        { shape, dtype: borderType(dtype) },
      ]),
    ),
    weights: Object.fromEntries(model.weights.map((weight) => [weight.name, weight.read()])),
    fn: (tensors) => {
      const given = inputNames.map((input) => required(tensors[input]));
      const results = inScopes(model.layers, () => model.apply(given, { training: false }));
      return named(outputNames, results);
    },
  };
}

function ofGraph(model: GraphModelLike): Source {
  const outputs = model.outputs.map((output) => output.name);
  return {
    name: 'model',
    inputs: Object.fromEntries(
      model.inputs.map((input) => [
        input.name,
        {
          dtype: borderType(input.dtype),
          // tfjs-converter writes -1 for an open size, and nothing for an open rank.
          shape: input.shape?.map((size) => (size === -1 ? null : size)) ?? [null, null],
        },
      ]),
    ),
    weights: Object.fromEntries(
      Object.entries(model.weights).flatMap(([name, list]) =>
        list.map((tensor, i) => [i === 0 ? name : `${name}:${i}`, tensor]),
      ),
    ),
    fn: (tensors) => named(outputs, model.execute({ ...tensors }, outputs)),
  };
}

/** A file computes the same for the same inputs, whatever was computed before. */
function refuseState(layers: LayersModelLike['layers']): void {
  const stateful = layers.find((layer) => layer.stateful === true);
  if (stateful === undefined) return;
  throw new TfjsOnnxError(
    'TFJS_ONNX_BAD_INPUT',
    `layer "${stateful.name}": expected layers that keep nothing from one call to the next, got a stateful one.`,
    {
      hint: 'Make the model again with stateful: false and give it these weights by setWeights(getWeights()).',
    },
  );
}

/** Each name once: those that occur again, or are taken, get a number. */
function distinct(names: readonly string[], taken: readonly string[]): string[] {
  const used = new Set(taken);
  return names.map((name) => {
    let own = name;
    for (let count = 1; used.has(own); count++) own = `${name}_${count}`;
    used.add(own);
    return own;
  });
}

/** Runs a function with each layer's operations in a scope of the layer's name, so that the nodes of the graph tell their layer. */
function inScopes<T>(layers: readonly object[], run: () => T): T {
  const wrapped: { call?: unknown }[] = [];
  try {
    for (const layer of withNested(layers as readonly CallableLayer[])) {
      const { call } = layer;
      if (typeof call !== 'function' || Object.hasOwn(layer, 'call')) continue;
      layer.call = (...given) => tidy(layer.name, () => call.apply(layer, given));
      wrapped.push(layer);
    }
    return run();
  } finally {
    for (const layer of wrapped) delete layer.call; // the one of its class shows again
  }
}

/** Layers, and those of models that are layers themselves. */
function withNested(layers: readonly CallableLayer[]): CallableLayer[] {
  return layers.flatMap((layer) => [layer, ...withNested(layer.layers ?? [])]);
}

/** What tfjs-layers calls when a layer is applied. */
interface CallableLayer {
  readonly name: string;
  call?: (...given: unknown[]) => Tensor | Tensor[];
  readonly layers?: readonly CallableLayer[];
}

function named(names: readonly string[], results: unknown): Record<string, Tensor> {
  const list = (Array.isArray(results) ? results : [results]) as Tensor[];
  return Object.fromEntries(names.map((name, i) => [name, required(list[i])]));
}

function checkedShape(
  input: string,
  shape: readonly (number | null)[],
): readonly (number | null)[] {
  if (shape.slice(1).every((size) => size !== null)) return shape;
  throw new TfjsOnnxError(
    'TFJS_ONNX_BAD_INPUT',
    `input "${input}": expected sizes that are known, but for the batch, got [${shape.map((size) => size ?? 'open').join(', ')}].`,
    { hint: `Give them: modelToOnnx(model, { shapes: { '${input}': [null, …] } }).` },
  );
}

function borderType(dtype: DataType): InputSpec['dtype'] {
  if (dtype === 'float32' || dtype === 'int32' || dtype === 'bool') return dtype;
  throw new TfjsOnnxError(
    'TFJS_ONNX_UNSUPPORTED_DTYPE',
    `modelToOnnx: expected inputs of float32, int32 or bool, got ${dtype}.`,
  );
}

function required<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('a model without the tensors that it names');
  return value;
}
