import type { Kernel } from '../lowerings/kernel.js';
import { findKernel } from '../lowerings/registry.js';
import { attrKey } from './attr-key.js';
import {
  createNode,
  type Attrs,
  type Graph,
  type Node,
  type TensorType,
  type Value,
} from './graph.js';
import { prune } from './prune.js';

/** A kernel call under consideration: its operands are already rewritten, its node does not exist yet. */
export interface Candidate {
  readonly kernel: string;
  readonly op: string;
  readonly inputs: Readonly<Record<string, Value>>;
  readonly attrs: Attrs;
  readonly types: readonly TensorType[];
}

/** Gives a value that replaces the only output of a call, or null if the rule does not apply. */
export type Rule = (call: Candidate, rewriter: Rewriter) => Value | null;

/** Builds a graph anew, node by node: rules are tried on each call, and equal calls become one. */
export class Rewriter {
  private readonly nodes: Node[] = [];
  private readonly known = new Map<string, readonly Value[]>();
  private readonly ids = new Map<Value, number>();
  private readonly constantIds = new Map<unknown, number>();
  private readonly rulesOf: (kernel: string) => readonly Rule[];

  constructor(rulesOf: (kernel: string) => readonly Rule[]) {
    this.rulesOf = rulesOf;
  }

  /** Rewrite a whole graph; what no output needs is gone afterwards. */
  run(graph: Graph): Graph {
    const replaced = new Map<Value, Value>();
    const replacementOf = (value: Value): Value => replaced.get(value) ?? value;
    for (const node of graph.nodes) {
      if (node.kernel === 'Input') {
        this.nodes.push(node);
        continue;
      }
      const inputs = Object.fromEntries(
        Object.entries(node.inputs).map(([name, value]) => [name, replacementOf(value)]),
      );
      const { kernel, op, attrs, outputs: types } = node;
      const outputs = this.addCall({ kernel, op, inputs, attrs, types });
      node.outputs.forEach((value, i) => replaced.set(value, outputs[i] ?? value));
    }
    const outputs = graph.outputs.map((border) => ({
      ...border,
      value: replacementOf(border.value),
    }));
    return prune({ inputs: graph.inputs, nodes: this.nodes, outputs });
  }

  /** Add a call with one output; its type follows from the operands. */
  add(
    kernel: string,
    op: string,
    inputs: Readonly<Record<string, Value>>,
    attrs: Attrs = {},
  ): Value {
    const inferred = knownKernel(kernel).infer({ kernel, op, inputs, attrs });
    const types = Array.isArray(inferred) ? (inferred as TensorType[]) : [inferred as TensorType];
    const [value] = this.addCall({ kernel, op, inputs, attrs, types });
    if (value === undefined) throw new Error(`${kernel} has no output`);
    return value;
  }

  /** A tensor that is one number everywhere. */
  fill(op: string, type: TensorType, value: number): Value {
    return this.add('Fill', op, {}, { shape: [...type.shape], value, dtype: type.dtype });
  }

  /** The same elements in another shape. */
  reshape(op: string, x: Value, shape: readonly number[]): Value {
    return this.add('Reshape', op, { x }, { shape: [...shape] });
  }

  /** Repeat along dimensions of size 1 and new leading ones. */
  broadcast(op: string, x: Value, shape: readonly number[]): Value {
    return this.add('BroadcastTo', op, { x }, { shape: [...shape] });
  }

  /** The result of an equal call that was added before. */
  find(kernel: string, inputs: Readonly<Record<string, Value>>, attrs: Attrs): Value | undefined {
    return this.known.get(this.keyOf({ kernel, inputs, attrs }))?.[0];
  }

  private addCall(call: Candidate): readonly Value[] {
    if (call.types.length === 1) {
      for (const rule of this.rulesOf(call.kernel)) {
        const value = rule(call, this);
        if (value !== null) return [value];
      }
    }
    const key = this.keyOf(call);
    const known = this.known.get(key);
    if (known !== undefined) return known;
    const node = createNode(call.kernel, call.op, call.inputs, call.attrs, call.types);
    this.nodes.push(node);
    this.known.set(key, node.outputs);
    return node.outputs;
  }

  private keyOf({ kernel, inputs, attrs }: Pick<Candidate, 'kernel' | 'inputs' | 'attrs'>): string {
    const { data, ...plain } = attrs;
    const constant = data === undefined ? '' : `#${this.constantKey(data)}`;
    const operands = Object.entries(inputs).map(([name, value]) => `${name}=${this.idOf(value)}`);
    return `${kernel}(${operands.join()})${attrKey(plain)}${constant}`;
  }

  /** Constants count as equal only if they are the same array: comparing large ones would cost more than it saves. */
  private constantKey(data: unknown): number {
    const id = this.constantIds.get(data) ?? this.constantIds.size;
    this.constantIds.set(data, id);
    return id;
  }

  private idOf(value: Value): number {
    const id = this.ids.get(value) ?? this.ids.size;
    this.ids.set(value, id);
    return id;
  }
}

/** All operands of a call. */
export function operandsOf(call: Pick<Candidate, 'inputs'>): Value[] {
  return Object.values(call.inputs);
}

function knownKernel(name: string): Kernel {
  const kernel = findKernel(name);
  if (kernel === undefined) throw new Error(`unknown kernel ${name}`);
  return kernel;
}
