import { inputsOf, type Graph, type Node } from './graph.js';

/** Remove nodes that no output needs. Inputs of the graph stay, used or not. */
export function prune(graph: Graph): Graph {
  const alive = new Set<Node>(graph.inputs.map(({ value }) => value.node));
  for (const { value } of graph.outputs) alive.add(value.node);
  for (let i = graph.nodes.length - 1; i >= 0; i--) {
    const node = graph.nodes[i];
    if (node === undefined || !alive.has(node)) continue;
    for (const input of inputsOf(node)) alive.add(input.node);
  }
  return { ...graph, nodes: graph.nodes.filter((node) => alive.has(node)) };
}
