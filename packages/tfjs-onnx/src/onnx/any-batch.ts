// One graph for every batch size, from graphs of several sizes that differ in nothing but multiples of the batch.
import { attrKey } from '../graph/attr-key.js';
import { TfjsOnnxError } from '../tfjs-onnx-error.js';
import type { Initializer, OnnxGraph, OnnxNode, OnnxValue } from './onnx-graph.js';

/** The batch sizes to translate a function at: small, and without common factors that would hide a difference. */
export const TRACED_BATCHES: readonly [number, number, number] = [2, 3, 7];

/** The name of the batch size in the file. */
export const BATCH = 'batch';

/** A graph that runs at any batch size, and the multiple of the batch that each size of its values is. */
export interface AnyBatchGraph {
  readonly graph: OnnxGraph;
  /** By name of an input, output or value in between: per dimension a fixed size, or the multiple of the batch in `times`. */
  readonly shapes: ReadonlyMap<string, readonly Size[]>;
}

/** A size: fixed, or a multiple of the batch. */
export type Size = number | { readonly times: number };

/**
 * Merge the graphs of {@link TRACED_BATCHES}.
 *
 * @param batchInput an input whose leading size is the batch
 * @throws {TfjsOnnxError} naming the operation that depends on the batch size in any other way
 */
export function mergeBatches(graphs: readonly OnnxGraph[], batchInput: string): AnyBatchGraph {
  const [first] = graphs;
  if (first === undefined) throw new Error('no graphs');
  const constants = graphs.map(
    (graph) =>
      new Map(graph.initializers.map((initializer) => [initializer.value.name, initializer])),
  );
  const shapes = new Map<string, readonly Size[]>();
  const sizes = new Map<string, readonly Size[]>(); // int64 constants that hold multiples of the batch
  const count = Math.max(...graphs.map(({ nodes }) => nodes.length));
  for (let i = 0; i < count; i++) {
    const same = graphs.map(({ nodes }) => nodes[i]);
    const node = compareNodes(same, shapes, (name, g) => constants[g]?.has(name) ?? false);
    node.inputs.forEach((input, at) => {
      if (input === null) return;
      const stored = constants.map((byName, g) => byName.get(same[g]?.inputs[at]?.name ?? ''));
      const merged = compareConstants(stored, node);
      if (merged !== null) sizes.set(input.name, merged);
    });
  }
  for (const side of ['inputs', 'outputs'] as const) {
    first[side].forEach((value, i) => {
      const all = graphs.map((graph) => graph[side][i]?.shape ?? []);
      shapes.set(
        value.name,
        mergeNumbers(all) ??
          refuse(`${side === 'inputs' ? 'input' : 'output'} "${value.name}"`, 'its shape'),
      );
    });
  }
  return { graph: withComputedSizes(first, sizes, batchInput), shapes };
}

type IsConstant = (name: string, graph: number) => boolean;

/** Notes the shapes of the results. */
function compareNodes(
  same: readonly (OnnxNode | undefined)[],
  shapes: Map<string, readonly Size[]>,
  isConstant: IsConstant,
): OnnxNode {
  const [first] = same;
  const present = first ?? same.find((node) => node !== undefined);
  if (present === undefined) throw new Error('no node');
  if (
    first === undefined ||
    same.some(
      (node, g) =>
        node === undefined || signature(node, g, isConstant) !== signature(first, 0, isConstant),
    )
  ) {
    return refuse(present.source, 'what it computes');
  }
  first.outputs.forEach(({ name }, i) => {
    const merged = mergeNumbers(same.map((node) => node?.outputs[i]?.shape ?? []));
    shapes.set(name, merged ?? refuse(first.source, 'the shape of its result'));
  });
  return first;
}

/** What a node does; constants are compared by value, as their names may tell it. */
function signature(node: OnnxNode, graph: number, isConstant: IsConstant): string {
  const inputs = node.inputs.map((value) =>
    value !== null && isConstant(value.name, graph) ? '' : (value?.name ?? null),
  );
  return attrKey([node.domain, node.op, inputs, node.outputs.map(({ name }) => name), node.attrs]);
}

/** Null if the input is no constant, or one that is the same for all sizes. */
function compareConstants(
  stored: readonly (Initializer | undefined)[],
  node: OnnxNode,
): readonly Size[] | null {
  const [first] = stored;
  if (first === undefined) return null;
  const data = stored.map((initializer) => initializer?.data ?? []);
  const equal = data.every(
    (values) =>
      values === first.data ||
      (values.length === first.data.length &&
        first.data.every((value, i) => Object.is(value, values[i]))),
  );
  if (equal) return null;
  const merged =
    first.value.dtype === 'int64' ? mergeNumbers(data.map((values) => Array.from(values))) : null;
  return merged ?? refuse(node.source, 'a number in it');
}

/** Numbers as fixed ones or multiples of the batch; null if some are neither. */
function mergeNumbers(lists: readonly (readonly number[])[]): readonly Size[] | null {
  const [first = []] = lists;
  if (lists.some(({ length }) => length !== first.length)) return null;
  const merged = first.map((number, i): Size | null => {
    const all = lists.map((list) => list[i] ?? NaN);
    if (all.every((other) => other === number)) return number;
    const times = number / TRACED_BATCHES[0];
    return Number.isInteger(times) &&
      all.every((other, g) => other === times * (TRACED_BATCHES[g] ?? NaN))
      ? { times }
      : null;
  });
  return merged.every((size) => size !== null) ? merged : null;
}

/** Replace constants that hold multiples of the batch by -1 where that is enough, else by arithmetic on an input's shape. */
function withComputedSizes(
  graph: OnnxGraph,
  sizes: ReadonlyMap<string, readonly Size[]>,
  batchInput: string,
): OnnxGraph {
  const added: Initializer[] = [];
  const computed: OnnxNode[] = [];
  const replacement = new Map<string, OnnxValue>();
  const constant = (name: string, data: number[]): OnnxValue => {
    const value: OnnxValue = { name, dtype: 'int64', shape: [data.length] };
    added.push({ value, data, source: 'batch' });
    return value;
  };
  const node = (
    op: string,
    inputs: OnnxValue[],
    name: string,
    attrs: OnnxNode['attrs'] = {},
  ): OnnxValue => {
    const output: OnnxValue = {
      name,
      dtype: 'int64',
      shape: [op === 'Shape' ? 1 : Math.max(...inputs.map(({ shape }) => shape[0] ?? 1))],
    };
    computed.push({ name, op, domain: '', inputs, outputs: [output], attrs, source: 'batch' });
    return output;
  };
  const reshapeOnly = new Set(
    graph.nodes.filter(({ op }) => op === 'Reshape').map(({ inputs }) => inputs[1]?.name),
  );
  for (const used of graph.nodes)
    if (used.op !== 'Reshape') for (const input of used.inputs) reshapeOnly.delete(input?.name);

  let batch: OnnxValue | null = null;
  for (const [name, parts] of sizes) {
    const times = parts.map((part) => (typeof part === 'number' ? 0 : part.times));
    const fixed = parts.map((part) => (typeof part === 'number' ? part : 0));
    if (reshapeOnly.has(name) && times.filter((k) => k > 0).length === 1) {
      replacement.set(
        name,
        constant(
          `${name}/any`,
          fixed.map((size, i) => (times[i] === 0 ? size : -1)),
        ),
      );
      continue;
    }
    const input = graph.inputs.find((value) => value.name === batchInput);
    if (input === undefined) throw new Error(`no input ${batchInput}`);
    batch ??= node('Shape', [input], 'batch/Shape', { start: 0, end: 1 });
    const multiples = node('Mul', [batch, constant(`${name}/times`, times)], `${name}/Mul`);
    replacement.set(
      name,
      node('Add', [multiples, constant(`${name}/fixed`, fixed)], `${name}/Add`),
    );
  }
  const replace = (value: OnnxValue | null): OnnxValue | null =>
    value === null ? null : (replacement.get(value.name) ?? value);
  const nodes = graph.nodes.map((used) => ({ ...used, inputs: used.inputs.map(replace) }));
  const initializers = graph.initializers.filter(({ value }) => !replacement.has(value.name));
  return { ...graph, nodes: [...computed, ...nodes], initializers: [...initializers, ...added] };
}

function refuse(source: string, what: string): never {
  throw new TfjsOnnxError(
    'TFJS_ONNX_BATCH_DEPENDENCE',
    `${source}: ${what} depends on the batch size in a way that no graph for every batch size can express.`,
    {
      hint: 'Let only leading sizes depend on the batch (means over it divide by its size), or give the inputs a fixed batch.',
    },
  );
}
