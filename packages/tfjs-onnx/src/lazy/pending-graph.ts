import { attrKey } from '../graph/attr-key.js';
import {
  createNode,
  inputsOf,
  type Border,
  type Graph,
  type Node,
  type Value,
} from '../graph/graph.js';
import { simplify } from '../graph/simplify.js';
import { replacements } from '../lowerings/registry.js';
import type { TfjsOnnxError } from '../tfjs-onnx-error.js';
import { inputName, outputName } from './session-runner.js';
import { inputValue, slotOf, type Slot } from './slot.js';

/** What has to be computed for some slots, and what it is computed from. */
export interface PendingGraph {
  /** Equal for graphs of equal structure, whatever values they read. */
  readonly key: string;
  /** Slots that the nodes read, filled or in flight, in the order of the inputs. */
  readonly leaves: readonly Slot[];
  /** In execution order. */
  readonly nodes: readonly Node[];
  /** Slots to fill, in the order of the outputs. */
  readonly outputs: readonly Slot[];
}

/**
 * Walk from slots back to what is known.
 *
 * Slots that hang on one that failed fail with it and are left out.
 */
export function collect(wanted: readonly Slot[]): PendingGraph {
  const walk = new Walk();
  for (const { value } of wanted) if (value !== null) walk.visit(value);
  const outputs = wanted.filter((slot) => {
    const failure = slot.value === null ? null : (walk.failures.get(slot.value) ?? null);
    slot.failure ??= failure;
    return slot.failure === null;
  });
  const results = outputs.map(({ value }) => (value === null ? '' : walk.nameOf(value)));
  return {
    key: `${replacements()}|${walk.parts.join(';')}>${results.join()}`,
    leaves: walk.leaves,
    nodes: walk.nodes,
    outputs,
  };
}

/** The simplified graph on inputs of its own: nothing of it keeps values or earlier nodes alive. */
export function graphOf({ leaves, nodes, outputs }: PendingGraph): Graph {
  const copies = new Map<Value | Slot, Value>();
  const inputs = leaves.map((slot, i): Border => {
    const value = inputValue(slot.value ?? unknownValue());
    copies.set(slot, value);
    return { name: inputName(i), value, dtype: value.dtype };
  });
  const copyOf = (value: Value): Value => {
    const slot = slotOf(value);
    return copies.get(value) ?? (slot && copies.get(slot)) ?? unknownValue();
  };
  const copied = nodes.map((node) => {
    const read = Object.fromEntries(
      Object.entries(node.inputs).map(([name, value]) => [name, copyOf(value)]),
    );
    const copy = createNode(node.kernel, node.op, read, node.attrs, node.outputs);
    node.outputs.forEach((value, i) => copies.set(value, copy.outputs[i] ?? unknownValue()));
    return copy;
  });
  const results = outputs.map((slot, i): Border => {
    const value = copyOf(slot.value ?? unknownValue());
    return { name: outputName(i), value, dtype: value.dtype };
  });
  return simplify({
    inputs,
    nodes: [...inputs.map(({ value }) => value.node), ...copied],
    outputs: results,
  });
}

/** One walk over the pending nodes, without recursion: chains may be long. */
class Walk {
  readonly parts: string[] = [];
  readonly leaves: Slot[] = [];
  readonly nodes: Node[] = [];
  readonly failures = new Map<Value, TfjsOnnxError>();
  private readonly names = new Map<Value | Slot, string>();

  nameOf(value: Value): string {
    const slot = slotOf(value);
    return this.names.get(value) ?? (slot && this.names.get(slot)) ?? '';
  }

  visit(root: Value): void {
    const open: Value[] = [root];
    for (let value = open.at(-1); value !== undefined; value = open.at(-1)) {
      const missing = this.isKnown(value)
        ? undefined
        : inputsOf(value.node).filter((input) => !this.isKnown(input));
      if (missing !== undefined && missing.length > 0) {
        // The first operand comes first in the order of nodes.
        for (const input of missing.toReversed()) open.push(input);
        continue;
      }
      open.pop();
      if (missing !== undefined) this.add(value.node);
    }
  }

  /** Whether the value has its place: computed here, or an input, which it becomes now. */
  private isKnown(value: Value): boolean {
    if (this.names.has(value)) return true;
    const slot = slotOf(value);
    if (slot?.failure) return this.fail(value, slot.failure);
    if (slot === undefined || (slot.data === null && slot.flight === null)) return false;
    if (!this.names.has(slot)) {
      this.names.set(slot, `i${this.leaves.length}`);
      this.parts.push(`${value.dtype}[${value.shape.join()}]`);
      this.leaves.push(slot);
    }
    this.names.set(value, this.names.get(slot) ?? '');
    return true;
  }

  private add(node: Node): void {
    const failed = inputsOf(node).find((input) => this.failures.has(input));
    const failure = failed && this.failures.get(failed);
    if (failure !== undefined) {
      for (const value of node.outputs) this.fail(value, failure);
      return;
    }
    node.outputs.forEach((value, i) => this.names.set(value, `n${this.nodes.length}.${i}`));
    this.nodes.push(node);
    const read = Object.entries(node.inputs).map(
      ([name, value]) => `${name}=${this.nameOf(value)}`,
    );
    this.parts.push(`${node.kernel}(${read.join()})${attrKey(node.attrs)}`);
  }

  private fail(value: Value, failure: TfjsOnnxError): true {
    this.failures.set(value, failure);
    this.names.set(value, 'failed');
    return true;
  }
}

function unknownValue(): never {
  throw new Error('a value of the graph is neither an input nor computed in it');
}
