// Finds updates in a graph: elementwise operations on a tensor of a state, such as those of an optimiser.
import { attrKey } from './attr-key.js';
import { isElementwise } from './elementwise-rules.js';
import { inputsOf, sameShape, sizeOf, type Graph, type Node, type Value } from './graph.js';

/** Operations on tensors of one shape that hang together, and what they read from elsewhere; in the order of the graph. */
export interface Update {
  readonly nodes: readonly Node[];
  readonly leaves: readonly Value[];
  readonly shape: readonly number[];
  /** Equal for updates that do the same, with the same single numbers. */
  readonly form: string;
}

/**
 * The updates of a graph: what hangs together of elementwise operations on tensors of one shape, single numbers aside, and gives an
 * output of the graph, but for one last operation perhaps.
 *
 * @param most  elements of their tensors at most
 */
export function findUpdates(graph: Graph, most: number): Update[] {
  const order = new Map(graph.nodes.map((node, at) => [node, at]));
  const joinable = new Set(graph.nodes.filter((node) => isJoinable(node, most)));
  const stages = stagesOf(graph, joinable);
  const components = connected(joinable, stages);
  const ends = graph.outputs.map(({ value }) => value.node);
  // The end may be a choice between the old state and the new one, which takes another stage.
  const wanted = new Set([
    ...ends,
    ...ends.flatMap((end) => inputsOf(end).map(({ node }) => node)),
  ]);
  const at = (node: Node): number => order.get(node) ?? 0;
  const stageOf = ([node]: readonly Node[]): number => (node && stages.get(node)) ?? 0;
  const describe = describer();
  return components
    .filter((nodes) => nodes.some((node) => wanted.has(node)))
    .map((nodes) => nodes.toSorted((a, b) => at(a) - at(b)))
    .toSorted((a, b) => stageOf(a) - stageOf(b))
    .map((nodes) => describe(nodes))
    .toSorted((a, b) => firstInput(a, at) - firstInput(b, at));
}

/** Where the first of the graph's inputs stands that an update reads: the same order for all that is done to some weights. */
function firstInput({ leaves, nodes }: Update, at: (node: Node) => number): number {
  const inputs = leaves.filter(({ node }) => node.kernel === 'Input').map(({ node }) => at(node));
  return inputs.length > 0 ? Math.min(...inputs) : at(nodes[0] as Node);
}

function isJoinable(node: Node, most: number): boolean {
  const [out] = node.outputs;
  if (out === undefined || node.outputs.length > 1 || !isElementwise(node.kernel)) return false;
  const size = sizeOf(out.shape);
  if (size <= 1 || size > most || out.dtype !== 'float32') return false;
  return inputsOf(node).every(
    (input) => isSingle(input) || (input.dtype === 'float32' && sameShape(input.shape, out.shape)),
  );
}

/** True for a tensor of one number, whatever its rank. */
export function isSingle({ shape }: Value): boolean {
  return sizeOf(shape) === 1;
}

/** A single number before it was given the rank of what it is applied to. */
export function sourceOf(value: Value): Value {
  const { kernel, inputs } = value.node;
  const { x } = inputs;
  const moved = kernel === 'Reshape' || kernel === 'BroadcastTo' || kernel === 'ExpandDims';
  const from = x ?? inputs['input'];
  return moved && from !== undefined && isSingle(from) ? sourceOf(from) : value;
}

/**
 * How often a path to a node comes into what is joinable from outside, at most. Two nodes of one stage do not hang on each other by
 * way of something that is not joinable: they can be done at once. (The scale of a normalisation hangs together with the update of
 * its weight, but all later layers lie between.) What is read by later stages alone counts to the first of them.
 */
function stagesOf(graph: Graph, joinable: ReadonlySet<Node>): Map<Node, number> {
  const stages = new Map<Node, number>();
  for (const node of graph.nodes) {
    let stage = 0;
    for (const { node: from } of inputsOf(node)) {
      const entered = joinable.has(node) && !joinable.has(from) ? 1 : 0;
      stage = Math.max(stage, (stages.get(from) ?? 0) + entered);
    }
    stages.set(node, stage);
  }
  const readers = new Map<Node, Node[]>();
  for (const node of graph.nodes.toReversed()) {
    const reading = readers.get(node) ?? [];
    if (joinable.has(node) && reading.length > 0 && reading.every((one) => joinable.has(one)))
      stages.set(node, Math.min(...reading.map((one) => stages.get(one) ?? 0)));
    for (const { node: from } of inputsOf(node)) {
      const known = readers.get(from);
      if (known === undefined) readers.set(from, [node]);
      else known.push(node);
    }
  }
  return stages;
}

/** The nodes of one stage that hang together by values that are no single numbers. */
function connected(nodes: ReadonlySet<Node>, stages: ReadonlyMap<Node, number>): Node[][] {
  const heads = new Map<Node, Node>();
  const headOf = (node: Node): Node => {
    let head = node;
    for (let next = heads.get(head); next !== undefined; next = heads.get(head)) head = next;
    if (head !== node) heads.set(node, head);
    return head;
  };
  for (const node of nodes)
    for (const input of inputsOf(node)) {
      const from = input.node;
      if (!nodes.has(from) || stages.get(from) !== stages.get(node) || isSingle(input)) continue;
      const [a, b] = [headOf(from), headOf(node)];
      if (a !== b) heads.set(b, a);
    }
  const parts = new Map<Node, Node[]>();
  for (const node of nodes) {
    const head = headOf(node);
    const part = parts.get(head);
    if (part === undefined) parts.set(head, [node]);
    else part.push(node);
  }
  return [...parts.values()];
}

/** Describes updates, each after those whose results it reads. */
function describer(): (nodes: readonly Node[]) => Update {
  const singles = new Map<Value, number>();
  const forms = new Map<string, number>();
  /** Of which operation of which form a value is the result. */
  const origins = new Map<Value, string>();
  return (nodes) => {
    const places = new Map<Value, string>();
    const leaves: Value[] = [];
    const placeOf = (value: Value): string => {
      if (isSingle(value)) {
        const number = sourceOf(value);
        if (!singles.has(number)) singles.set(number, singles.size);
        return `#${singles.get(number)}`;
      }
      const known = places.get(value);
      if (known !== undefined) return known;
      const place = `leaf${leaves.length}`;
      leaves.push(value);
      places.set(value, place);
      return `${place}:${origins.get(value) ?? ''}`;
    };
    const lines = nodes.map((node, at) => {
      const operands = Object.entries(node.inputs).map(([name, x]) => `${name}=${placeOf(x)}`);
      for (const out of node.outputs) places.set(out, `${at}`);
      return `${node.kernel}(${operands.join()})${attrKey(node.attrs)}`;
    });
    const form = lines.join(';');
    const number = forms.get(form) ?? forms.size;
    forms.set(form, number);
    nodes.forEach(({ outputs }, at) => {
      for (const out of outputs) origins.set(out, `${number}.${at}`);
    });
    const [out] = (nodes[0] as Node).outputs as [Value];
    return { nodes, leaves, shape: out.shape, form };
  };
}
