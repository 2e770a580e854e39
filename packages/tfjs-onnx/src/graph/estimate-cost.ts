import { findKernel } from '../lowerings/registry.js';
import { inputsOf, sizeOf, type Graph, type Node, type Value } from './graph.js';

/** What one run of a graph takes. */
export interface Cost {
  /** Floating point operations: twice the multiplications of convolutions and matrix products, one per element elsewhere. */
  readonly flop: number;
  /** Bytes alive at the worst moment: inputs, outputs and what is still needed in between. */
  readonly bytes: number;
}

/** Estimate a graph's work and peak memory from its shapes, without running it. */
export function estimateCost(graph: Graph): Cost {
  return {
    flop: graph.nodes.reduce((sum, node) => sum + flopOf(node), 0),
    bytes: peakBytes(graph),
  };
}

function flopOf(node: Node): number {
  if (node.kernel === 'Input') return 0;
  const flop = findKernel(node.kernel)?.flop;
  if (flop !== undefined) return flop(node);
  return node.outputs.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
}

function peakBytes(graph: Graph): number {
  const lastUse = new Map<Value, number>();
  graph.nodes.forEach((node, i) => inputsOf(node).forEach((value) => lastUse.set(value, i)));
  for (const { value } of [...graph.inputs, ...graph.outputs]) lastUse.set(value, Infinity);
  let alive = 0;
  let peak = 0;
  graph.nodes.forEach((node, i) => {
    alive += node.outputs.reduce((sum, value) => sum + bytesOf(value), 0);
    peak = Math.max(peak, alive);
    for (const value of new Set(inputsOf(node)))
      if (lastUse.get(value) === i) alive -= bytesOf(value);
    for (const value of node.outputs) if (!lastUse.has(value)) alive -= bytesOf(value);
  });
  return peak;
}

/** Constants that are one number everywhere, and other names of a tensor, take no room. */
function bytesOf(value: Value): number {
  if (['Fill', 'Identity', 'Reshape', 'ExpandDims'].includes(value.node.kernel)) return 0;
  return sizeOf(value.shape) * (value.dtype === 'bool' ? 1 : 4);
}
