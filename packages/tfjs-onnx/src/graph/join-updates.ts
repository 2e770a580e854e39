// Optimisers do the same to each weight, one after the other: a net of a hundred small weights takes thousands of operations on some
// hundred numbers each, of which the runtime's own work for an operation is the dearest part. Here such updates become those of one
// long tensor, put together before and taken apart afterwards.
import { findUpdates, isSingle, sourceOf, type Update } from './find-updates.js';
import {
  createNode,
  inputsOf,
  sameShape,
  sizeOf,
  type Border,
  type Graph,
  type Node,
  type Value,
} from './graph.js';
import { prune } from './prune.js';

/** 128 MiB, which is what WebGPU promises of a buffer that a shader reads. */
const MOST_NUMBERS = 2 ** 25;
/** How often the groups that stand in the way alone are left out, before all that wait for them are, too. */
const MOST_TRIES = 3;

/** Updates that do the same. */
type Group = readonly [Update, ...Update[]];

/**
 * Join updates that do the same to several tensors.
 *
 * @param most  elements that a tensor has at most to be joined with others
 */
export function joinUpdates(graph: Graph, most: number): Graph {
  const byForm = new Map<string, [Update, ...Update[]]>();
  for (const update of findUpdates(graph, most)) {
    const group = byForm.get(update.form);
    if (group === undefined) byForm.set(update.form, [update]);
    else group.push(update);
  }
  let groups: readonly Group[] = [...byForm.values()].flatMap(inPortions).filter(isWorthIt);
  for (let tries = 1; groups.length > 0; tries += 1) {
    const joining = new Joining(graph, groups);
    const joined = joining.run();
    if (joined !== null) return joined;
    groups = joining.withoutStuck(tries < MOST_TRIES);
  }
  return graph;
}

/** Parts of a group whose joined tensors have no more numbers than a graphics card must take. */
function inPortions(group: Group): Group[] {
  const portions: [Update, ...Update[]][] = [];
  let length = Infinity;
  for (const update of group) {
    const size = sizeOf(update.shape);
    if (length + size > MOST_NUMBERS) {
      portions.push([update]);
      length = size;
    } else {
      portions.at(-1)?.push(update);
      length += size;
    }
  }
  return portions;
}

/** Whether more operations are saved than tensors have to be put together and taken apart. */
function isWorthIt(group: Group): boolean {
  const [{ nodes, leaves }] = group;
  return (group.length - 1) * nodes.length > leaves.length;
}

/** Builds the graph anew, with one update in place of each group. */
class Joining {
  private readonly graph: Graph;
  /** Which operation of which group a node is. */
  private readonly members = new Map<Node, { readonly group: Group; readonly at: number }>();
  /** What reads more than the update itself does. */
  private readonly read: ReadonlySet<Value>;
  private readonly nodes: Node[] = [];
  private readonly now = new Map<Value, Value>();
  /** For each group by the values of its first update: those of all its updates as one tensor. */
  private readonly long = new Map<Group, Map<Value, Value>>();
  /** What lists of values are as one tensor. */
  private readonly joinedLists = new Map<string, Value>();
  private readonly ids = new Map<Value, number>();
  private readonly done = new Set<Node>();
  private readonly groups: readonly Group[];

  constructor(graph: Graph, groups: readonly Group[]) {
    this.graph = graph;
    this.groups = groups;
    for (const group of groups) {
      this.long.set(group, new Map());
      for (const { nodes } of group)
        nodes.forEach((node, at) => this.members.set(node, { group, at }));
    }
    const readers = graph.nodes.filter((node) => !this.members.has(node));
    this.read = new Set([
      ...graph.outputs.map(({ value }) => value),
      ...readers.flatMap((node) => inputsOf(node)),
      ...groups.flatMap((group) => group.flatMap(({ leaves }) => leaves)),
    ]);
  }

  /** Null if one update of a group needs what another of it gives. */
  run(): Graph | null {
    let waiting: readonly Node[] = this.graph.nodes;
    while (waiting.length > 0) {
      const before = waiting.length;
      waiting = waiting.filter((node) => !this.tryNode(node));
      if (waiting.length === before) return null;
    }
    const outputs = this.graph.outputs.map((border): Border => ({
      ...border,
      value: this.valueOf(border.value),
    }));
    return prune({ inputs: this.graph.inputs, nodes: this.nodes, outputs });
  }

  /** The groups but for those of which one update waits for another, or for all that were not joined. */
  withoutStuck(onlyFirst: boolean): readonly Group[] {
    const isStuck = ([first]: Group): boolean => first.nodes.some((node) => !this.done.has(node));
    const begun = (group: Group): boolean =>
      group.some(({ leaves }) => leaves.every((leaf) => this.now.has(leaf)));
    const stuck = this.groups.filter(isStuck);
    const culprits = onlyFirst ? stuck.filter(begun) : [];
    const out = new Set(culprits.length > 0 ? culprits : stuck);
    return this.groups.filter((group) => !out.has(group));
  }

  /** Adds a node, if all that it reads is there. */
  private tryNode(node: Node): boolean {
    if (this.done.has(node)) return true;
    const member = this.members.get(node);
    if (member !== undefined) return this.tryOperation(member.group, member.at);
    if (!inputsOf(node).every((value) => this.now.has(value))) return false;
    const inputs = Object.fromEntries(
      Object.entries(node.inputs).map(([name, value]) => [name, this.valueOf(value)]),
    );
    const same = inputsOf(node).every((value) => this.valueOf(value) === value);
    const made = same ? node : createNode(node.kernel, node.op, inputs, node.attrs, node.outputs);
    this.nodes.push(made);
    node.outputs.forEach((value, i) => this.now.set(value, made.outputs[i] as Value));
    this.done.add(node);
    return true;
  }

  /** Adds an operation for all updates of a group at once. */
  private tryOperation(group: Group, at: number): boolean {
    const [first] = group;
    const nodes = group.map((update) => update.nodes[at] as Node);
    const [node] = nodes as [Node];
    const long = this.long.get(group) as Map<Value, Value>;
    for (const value of inputsOf(node)) {
      if (isSingle(value) ? this.now.has(sourceOf(value)) : long.has(value)) continue;
      const leaf = first.leaves.indexOf(value);
      const parts = group.flatMap(({ leaves }) => leaves[leaf] ?? []);
      // The result of an operation that is still to come.
      if (parts.length < group.length) return false;
      const joined = this.joined(node.op, parts);
      if (joined === null) return false;
      long.set(value, joined);
    }
    const inputs = Object.fromEntries(
      Object.entries(node.inputs).map(([name, value]) => [
        name,
        isSingle(value) ? this.single(node.op, value) : (long.get(value) as Value),
      ]),
    );
    const sizes = group.map(({ shape }) => sizeOf(shape));
    const [out] = node.outputs as [Value];
    const length = sizes.reduce((sum, size) => sum + size, 0);
    const type = { shape: [length], dtype: out.dtype };
    const result = this.add(createNode(node.kernel, node.op, inputs, node.attrs, [type]));
    long.set(out, result);
    const own = nodes.map(({ outputs }) => (outputs as [Value])[0]);
    this.joinedLists.set(this.keyOf(own), result);
    if (own.some((value) => this.read.has(value))) this.takeApart(node.op, result, sizes, own);
    for (const one of nodes) this.done.add(one);
    return true;
  }

  /** A single number, of a rank that does not make the result's higher. */
  private single(op: string, value: Value): Value {
    const number = this.valueOf(sourceOf(value));
    return number.shape.length > 1 ? this.reshaped(op, number, []) : number;
  }

  /** Values as one tensor; null if they are not there yet. */
  private joined(op: string, values: readonly Value[]): Value | null {
    const key = this.keyOf(values);
    const known = this.joinedLists.get(key);
    if (known !== undefined) return known;
    if (!values.every((value) => this.now.has(value))) return null;
    const parts = values.map((value) =>
      this.reshaped(op, this.valueOf(value), [sizeOf(value.shape)]),
    );
    const length = parts.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
    const type = { shape: [length], dtype: (values[0] as Value).dtype };
    const inputs = Object.fromEntries(parts.map((part, i) => [`tensor${i}`, part]));
    const made = this.add(createNode('Concat', op, inputs, { axis: 0 }, [type]));
    this.joinedLists.set(key, made);
    return made;
  }

  private keyOf(values: readonly Value[]): string {
    for (const value of values) if (!this.ids.has(value)) this.ids.set(value, this.ids.size);
    return values.map((value) => this.ids.get(value)).join();
  }

  private takeApart(
    op: string,
    long: Value,
    sizes: readonly number[],
    own: readonly Value[],
  ): void {
    const types = sizes.map((size) => ({ shape: [size], dtype: long.dtype }));
    const attrs = { axis: 0, numOrSizeSplits: [...sizes] };
    const split = createNode('SplitV', op, { x: long }, attrs, types);
    this.nodes.push(split);
    own.forEach((value, i) => {
      if (this.read.has(value))
        this.now.set(value, this.reshaped(op, split.outputs[i] as Value, value.shape));
    });
  }

  private reshaped(op: string, x: Value, shape: readonly number[]): Value {
    if (sameShape(x.shape, shape)) return x;
    return this.add(
      createNode('Reshape', op, { x }, { shape: [...shape] }, [{ shape, dtype: x.dtype }]),
    );
  }

  private add(node: Node): Value {
    this.nodes.push(node);
    return (node.outputs as readonly [Value])[0];
  }

  private valueOf(value: Value): Value {
    return this.now.get(value) ?? value;
  }
}
