import { elementwiseRules, isElementwise } from './elementwise-rules.js';
import { expandFused } from './expand-fused.js';
import { fuseBias } from './fuse-bias.js';
import type { Graph } from './graph.js';
import { Rewriter, type Rule } from './rewriter.js';
import { shapeRules } from './shape-rules.js';

/**
 * Remove work that changes nothing: equal calls are made once, tensors that are one number everywhere stay one number, and repeated
 * tensors are not written out where broadcasting does the same. Fused kernels are taken apart first.
 */
export function simplify(graph: Graph): Graph {
  return fuseBias(new Rewriter(rulesOf).run(graph));
}

function rulesOf(kernel: string): readonly Rule[] {
  if (isElementwise(kernel)) return elementwiseRules;
  const fused = expandFused(kernel);
  return fused === null ? (shapeRules[kernel] ?? []) : [fused];
}
