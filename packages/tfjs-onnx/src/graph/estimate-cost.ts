import { findKernel } from '../lowerings/registry.js';
import { isElementwise } from './elementwise-rules.js';
import { inputsOf, sizeOf, type Graph, type Node, type Value } from './graph.js';
import { simplify } from './simplify.js';

/** What one run of a graph takes. */
export interface Cost {
  /** Floating point operations: twice the multiplications of convolutions and matrix products, one per element elsewhere. */
  readonly flop: number;
  /** Bytes of tensors alive at the worst moment: inputs, outputs and what is still needed in between. */
  readonly bytes: number;
}

/**
 * Estimate a graph's work and peak memory from its shapes, without running it.
 *
 * The memory leaves out the runtime itself and the working space inside of its operators.
 */
export function estimateCost(graph: Graph): Cost {
  const simple = simplify(graph);
  return {
    flop: countFlop(simple),
    bytes: peakBytes(simple),
  };
}

/** The floating point operations of a graph, node by node. */
export function countFlop(graph: Graph): number {
  return graph.nodes.reduce((sum, node) => sum + flopOf(node), 0);
}

function flopOf(node: Node): number {
  if (node.kernel === 'Input') return 0;
  const flop = findKernel(node.kernel)?.flop;
  if (flop !== undefined) return flop(node);
  return node.outputs.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
}

/** Adds up tensors from the node that makes them to the last one that reads them. */
function peakBytes(graph: Graph): number {
  const lastUse = new Map<Value, number>();
  graph.nodes.forEach((node, i) =>
    inputsOf(node).forEach((value) => lastUse.set(ownerOf(value), i)),
  );
  for (const { value } of [...graph.inputs, ...graph.outputs])
    lastUse.set(ownerOf(value), Infinity);
  let alive = 0;
  let peak = 0;
  graph.nodes.forEach((node, i) => {
    const made = node.outputs.filter((value) => ownerOf(value) === value);
    const added = made.reduce((sum, value) => sum + bytesOf(value), 0);
    const dying = new Set(
      inputsOf(node)
        .map(ownerOf)
        .filter((value) => lastUse.get(value) === i),
    );
    const freed = [...dying].reduce((sum, value) => sum + bytesOf(value), 0);
    // An elementwise result takes the place of an operand that nobody needs afterwards.
    const reused =
      isElementwise(node.kernel) && [...dying].some((value) => bytesOf(value) === added)
        ? added
        : 0;
    peak = Math.max(peak, alive + added - reused);
    const unread = made
      .filter((value) => !lastUse.has(value))
      .reduce((sum, value) => sum + bytesOf(value), 0);
    alive += added - freed - unread;
  });
  return peak;
}

/** The value whose memory holds this one. */
function ownerOf(value: Value): Value {
  const { kernel, inputs } = value.node;
  const source = kernel === 'Reshape' || kernel === 'Identity' ? inputs['x'] : undefined;
  return source === undefined ? value : ownerOf(source);
}

/** A tensor that is one number everywhere takes no room. */
function bytesOf(value: Value): number {
  return value.node.kernel === 'Fill' ? 0 : sizeOf(value.shape) * (value.dtype === 'bool' ? 1 : 4);
}
