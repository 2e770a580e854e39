import { type Border, type Graph, sameShape, sizeOf, type Value } from './graph.js';
import { prune } from './prune.js';

/** An output that is either of two values, as one condition says. */
export interface DeferredSelect {
  /** Output that tells: not 0 for the computed value, 0 for the input. */
  readonly condition: string;
  /** Input that the output equals where the condition does not hold. */
  readonly otherwise: string;
}

export interface DeferredSelects {
  /** The graph with the computed values as outputs, and the conditions among its outputs. */
  readonly graph: Graph;
  /** By name of the output. */
  readonly deferred: ReadonlyMap<string, DeferredSelect>;
}

/**
 * Take selections out of a graph whose outputs are `where(one condition, computed, input)`: whoever runs it can pass the
 * input on instead of copying it. A step that keeps its old state when something went wrong ends so, for every tensor of
 * its state; written out, these selections take up to a third of the time of a fully connected net's step.
 */
export function deferSelects(graph: Graph): DeferredSelects {
  const inputs = new Map<Value, Border>(graph.inputs.map((border) => [border.value, border]));
  const names = new Set([...graph.inputs, ...graph.outputs].map(({ name }) => name));
  const conditions = new Map<Value, string>();
  const deferred = new Map<string, DeferredSelect>();
  const outputs = graph.outputs.map((border): Border => {
    const { node } = border.value;
    const { condition, t: computed, e: other } = node.inputs;
    if (node.kernel !== 'Select' || !condition || !computed || !other) return border;
    const input = inputs.get(other);
    const passes =
      input !== undefined &&
      !inputs.has(computed) &&
      input.dtype === border.dtype &&
      sizeOf(condition.shape) === 1 &&
      [computed, other].every(({ shape }) => sameShape(shape, border.value.shape));
    if (!passes) return border;
    const name = conditions.get(condition) ?? freshName(`condition${conditions.size + 1}`, names);
    conditions.set(condition, name);
    deferred.set(border.name, { condition: name, otherwise: input.name });
    return { ...border, value: computed };
  });
  for (const [value, name] of conditions) outputs.push({ name, value, dtype: value.dtype });
  return { graph: prune({ ...graph, outputs }), deferred };
}

function freshName(wanted: string, taken: Set<string>): string {
  let name = wanted;
  while (taken.has(name)) name += '_';
  taken.add(name);
  return name;
}
