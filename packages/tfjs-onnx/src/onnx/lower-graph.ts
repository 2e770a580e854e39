import { describeNode, type Graph, type Value } from '../graph/graph.js';
import { Lowering, type LoweringOptions } from '../lowerings/lowering.js';
import { findKernel } from '../lowerings/registry.js';
import { TfjsOnnxError } from '../tfjs-onnx-error.js';
import { keepBlocks } from './keep-blocks.js';
import {
  OnnxGraphBuilder,
  type Initializer,
  type OnnxGraph,
  type OnnxNode,
  type OnnxValue,
} from './onnx-graph.js';

/** How to translate. */
export interface LowerOptions extends LoweringOptions {
  /** Inputs of the traced function that are stored in the graph instead. */
  readonly constants?: Readonly<Record<string, { readonly data: Initializer['data'] }>>;
  /** Names of int32 inputs that the file takes as int64. */
  readonly wideInputs?: readonly string[];
}

/** The ONNX graph, and the names that its outputs got: an output cannot be called like an input. */
export interface LoweredGraph {
  readonly graph: OnnxGraph;
  readonly outputNames: ReadonlyMap<string, string>;
}

/** Translate a traced graph to ONNX. */
export function lowerGraph(graph: Graph, options: LowerOptions): LoweredGraph {
  const builder = new OnnxGraphBuilder({ shareShapes: !options.anyBatch });
  const lowering = new Lowering(builder, options);
  const inputs: OnnxValue[] = [];
  const outputNames = reserveNames(graph, builder);

  lowering.startNode({ name: 'input', source: 'the inputs' });
  for (const { name, value, dtype } of graph.inputs) {
    const stored = options.constants?.[name];
    const wide = dtype === 'int32' && options.wideInputs?.includes(name);
    const onnx: OnnxValue = { name, shape: value.shape, dtype: wide ? 'int64' : dtype };
    if (stored === undefined) inputs.push(onnx);
    else
      builder.initializers.push({ value: onnx, data: stored.data, source: `constant "${name}"` });
    lowering.set(value, lowering.cast(onnx, value.dtype));
  }
  for (const node of graph.nodes) {
    if (node.kernel === 'Input') continue;
    const kernel = findKernel(node.kernel);
    if (kernel === undefined)
      throw new TfjsOnnxError(
        'TFJS_ONNX_UNSUPPORTED_KERNEL',
        `${describeNode(node)} has no translation to ONNX.`,
      );
    lowering.startNode({ name: node.op, source: describeNode(node) });
    kernel.lower(node, lowering);
  }
  lowering.startNode({ name: 'output', source: 'the outputs' });
  const results = graph.outputs.map(({ name, value, dtype }) => ({
    name: outputNames.get(name) ?? name,
    value: borderValue(lowering, value, dtype),
  }));
  const values = results.map(({ value }) => value);
  const kept = lowering.block > 0 ? keepBlocks(builder.nodes, values) : builder.nodes;
  return { graph: nameOutputs(builder, kept, inputs, results), outputNames };
}

function borderValue(lowering: Lowering, value: Value, dtype: OnnxValue['dtype']): OnnxValue {
  return lowering.cast(lowering.plain(value), dtype);
}

function reserveNames(graph: Graph, builder: OnnxGraphBuilder): Map<string, string> {
  for (const { name } of graph.inputs) builder.uniqueName(name);
  return new Map(graph.outputs.map(({ name }) => [name, builder.uniqueName(name)]));
}

/** Give each output's value the output's name; values that are inputs, constants or already outputs are copied first. */
function nameOutputs(
  builder: OnnxGraphBuilder,
  given: readonly OnnxNode[],
  inputs: readonly OnnxValue[],
  results: readonly { readonly name: string; readonly value: OnnxValue }[],
): OnnxGraph {
  const made = new Set(given.flatMap((node) => node.outputs.map(({ name }) => name)));
  const renamed = new Map<string, string>();
  const copies: OnnxNode[] = [];
  for (const { name, value } of results) {
    if (made.has(value.name) && !renamed.has(value.name)) renamed.set(value.name, name);
    else {
      const outputs = [{ ...value, name }];
      copies.push({
        name: builder.uniqueName('output/Identity'),
        op: 'Identity',
        domain: '',
        inputs: [value],
        outputs,
        attrs: {},
        source: `output "${name}"`,
      });
    }
  }
  const rename = <T extends OnnxValue | null>(value: T): T =>
    value === null ? value : { ...value, name: renamed.get(value.name) ?? value.name };
  const nodes = [...given, ...copies].map((node) => ({
    ...node,
    inputs: node.inputs.map(rename),
    outputs: node.outputs.map(rename),
  }));
  const outputs = results.map(({ name, value }) => ({ ...value, name }));
  return {
    inputs,
    outputs,
    nodes: pruneNodes(nodes, outputs),
    initializers: usedInitializers(builder, nodes, outputs),
  };
}

function pruneNodes(nodes: readonly OnnxNode[], outputs: readonly OnnxValue[]): OnnxNode[] {
  const needed = new Set(outputs.map(({ name }) => name));
  return nodes
    .toReversed()
    .filter((node) => {
      if (!node.outputs.some(({ name }) => needed.has(name))) return false;
      for (const input of node.inputs) if (input !== null) needed.add(input.name);
      return true;
    })
    .toReversed();
}

function usedInitializers(
  builder: OnnxGraphBuilder,
  nodes: readonly OnnxNode[],
  outputs: readonly OnnxValue[],
): Initializer[] {
  const used = new Set(
    pruneNodes(nodes, outputs).flatMap((node) => node.inputs.map((input) => input?.name)),
  );
  return builder.initializers.filter(({ value }) => used.has(value.name));
}
