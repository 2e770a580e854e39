// Keeps ONNX Runtime from holding the memory of dead tensors.
//
// The runtime plans ahead which tensor takes the memory of which dead one: the next of the same shape, however much later that comes.
// Until then the memory is held. In a training step the tensors of a layer have one shape, forward and backward, and hold each other's
// memory through all that lies between: two to three times what is alive.
//
// It compares shapes as far as it can work them out before the first run. So where tensors are large, the file says neither how long
// the first axis of inputs is, nor that of what is reshaped; and sizes get names, for large tensors each its own. A dead one is given
// back at once then. Only a result that can be written over an operand has that operand's names.
import type { BorderInfo } from './encode-model.js';
import type { Initializer, OnnxGraph, OnnxNode, OnnxValue } from './onnx-graph.js';

/** Bytes from which on a tensor gets names of its own; with more such tensors the runtime takes longer to plan. */
const LARGE = 2 ** 20;
/** Operators that the runtime lets write over an operand that is dead then. */
const IN_PLACE: ReadonlySet<string> = new Set([
  ...['Add', 'Sub', 'Mul', 'Div', 'Sum', 'Neg', 'Abs', 'Reciprocal', 'Sqrt', 'Exp', 'Log', 'Cast'],
  ...['Relu', 'LeakyRelu', 'Elu', 'Clip', 'Sigmoid', 'Tanh', 'Softplus'],
]);

/** A graph whose sizes the runtime does not know. */
export interface HiddenSizes {
  readonly graph: OnnxGraph;
  /** The inputs as the file states them. */
  readonly inputs: readonly BorderInfo[];
  /** What is computed from them, but outputs, with names for sizes: `128`, of large tensors `128_7`. */
  readonly values: readonly BorderInfo[];
}

/** Hide the sizes of what lies between inputs and outputs, if there are large tensors. Results stay the same bit by bit. */
export function hideSizes(graph: OnnxGraph): HiddenSizes {
  if (!graph.nodes.some(({ outputs }) => outputs.some(isLarge)))
    return { graph, inputs: graph.inputs, values: [] };
  const { nodes, initializers } = withOpenReshapes(graph);
  return {
    graph: { ...graph, nodes, initializers },
    inputs: graph.inputs.map((value) => ({
      ...value,
      shape: value.shape.map((size, axis) => (axis === 0 && size > 1 ? `${size}` : size)),
    })),
    values: namedValues(graph),
  };
}

/** With −1 for the first size of reshaped values: then the runtime takes it from the values. */
function withOpenReshapes({
  nodes,
  initializers,
}: OnnxGraph): Pick<OnnxGraph, 'nodes' | 'initializers'> {
  const constants = new Map(initializers.map((one) => [one.value.name, one]));
  const open = new Map<string, Initializer>();
  const changed = nodes.map((node): OnnxNode => {
    const [data, shape] = node.inputs;
    const sizes = shape && constants.get(shape.name);
    if (node.op !== 'Reshape' || !data || constants.has(data.name) || !sizes) return node;
    const first = sizes.data.findIndex((size) => size > 1);
    if (first < 0 || sizes.data.includes(0)) return node;
    const known = open.get(shape.name) ?? {
      ...sizes,
      value: { ...shape, name: `${shape.name}/open` },
      data: Array.from(sizes.data, (size, i) => (i === first ? -1 : size)),
    };
    open.set(shape.name, known);
    return { ...node, inputs: [data, known.value] };
  });
  const used = new Set(changed.flatMap(({ inputs }) => inputs.map((input) => input?.name)));
  const kept = initializers.filter(({ value }) => used.has(value.name));
  return { nodes: changed, initializers: [...kept, ...open.values()] };
}

function namedValues(graph: OnnxGraph): BorderInfo[] {
  const outputs = new Set(graph.outputs.map(({ name }) => name));
  const fixed = new Set(graph.initializers.map(({ value }) => value.name));
  const uses = new Map<string, number>();
  for (const input of graph.nodes.flatMap(({ inputs }) => inputs))
    if (input) uses.set(input.name, (uses.get(input.name) ?? 0) + 1);
  const endings = new Map<string, string>();
  const values: BorderInfo[] = [];
  graph.nodes.forEach((node, i) => {
    if (node.inputs.every((input) => !input || fixed.has(input.name))) {
      for (const { name } of node.outputs) fixed.add(name);
      return;
    }
    for (const out of node.outputs) {
      if (outputs.has(out.name) || out.open === true) continue;
      const places = operandsOf(node).filter((x) => endings.has(x.name) && sameSizes(x, out));
      const place = places.find((x) => uses.get(x.name) === 1) ?? places[0];
      const ending = (place && endings.get(place.name)) ?? (isLarge(out) ? `_${i}` : '');
      endings.set(out.name, ending);
      const shape = out.shape.map((size) => (size === 1 ? 1 : `${size}${ending}`));
      values.push({ ...out, shape });
    }
  });
  return values;
}

/** The operands that a result may be written over; of a convolution in blocks, the sums that it adds to. */
function operandsOf({ op, domain, inputs }: OnnxNode): OnnxValue[] {
  const operands = IN_PLACE.has(op) ? inputs.slice(0, 2) : domain === '' ? [] : inputs.slice(3);
  return operands.flatMap((x) => x ?? []);
}

function sameSizes(a: OnnxValue, b: OnnxValue): boolean {
  return a.shape.join() === b.shape.join();
}

function isLarge({ shape, dtype }: OnnxValue): boolean {
  const bytes = dtype === 'bool' || dtype === 'uint8' ? 1 : 4;
  return bytes * shape.reduce((a, b) => a * b, 1) >= LARGE;
}
