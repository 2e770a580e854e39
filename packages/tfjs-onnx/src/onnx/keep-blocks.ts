// Images stay in blocks from one convolution to the next. Each convolution is written as if it stood alone, from channels first to
// blocks and back; what stands between two of them is often nothing but an activation.
import { BLOCKED_DOMAIN } from '../lowerings/blocked-layout.js';
import type { OnnxNode, OnnxValue } from './onnx-graph.js';

/**
 * Take the ways out of blocks and back in again out of a list of nodes, and make activations part of the convolutions that they
 * follow. Nodes whose results nobody reads any more stay in the list.
 *
 * @param results values that are read from outside
 */
export function keepBlocks(
  nodes: readonly OnnxNode[],
  results: readonly OnnxValue[],
): readonly OnnxNode[] {
  return withoutReturns(activateInBlocks(nodes, results));
}

/** Activations of what just left the blocks become the convolution's own, or are done before it leaves. */
function activateInBlocks(
  nodes: readonly OnnxNode[],
  results: readonly OnnxValue[],
): readonly OnnxNode[] {
  const makers = makersOf(nodes);
  const uses = countUses(nodes, results);
  /** What stands in a node's place. */
  const replaced = new Map<OnnxNode, readonly OnnxNode[]>();
  for (const node of nodes) {
    if (node.op !== 'Relu') continue;
    const [given] = node.inputs;
    const leaving = makers.get(given?.name ?? '');
    if (!given || !leaving || !isBlocked(leaving, 'ReorderOutput') || uses.get(given.name) !== 1)
      continue;
    const [inside] = leaving.inputs;
    const conv = makers.get(inside?.name ?? '');
    if (!inside || !conv) continue;
    if (isBlocked(conv, 'Conv') && uses.get(inside.name) === 1) {
      replaced.set(conv, [{ ...conv, attrs: { ...conv.attrs, activation: 'Relu' } }]);
      replaced.set(leaving, [{ ...leaving, outputs: node.outputs }]);
    } else if (isWhole(leaving)) {
      const active = { ...inside, name: `${node.name}/blocks` };
      replaced.set(leaving, [
        { ...node, inputs: [inside], outputs: [active] },
        { ...leaving, inputs: [active], outputs: node.outputs },
      ]);
    } else continue;
    replaced.set(node, []);
  }
  return nodes.flatMap((node) => replaced.get(node) ?? node);
}

/** Whatever enters the blocks and has just left them is there already. */
function withoutReturns(nodes: readonly OnnxNode[]): readonly OnnxNode[] {
  const makers = makersOf(nodes);
  const instead = new Map<string, OnnxValue>();
  for (const node of nodes) {
    if (!isBlocked(node, 'ReorderInput')) continue;
    const leaving = makers.get(node.inputs[0]?.name ?? '');
    const [inside] = leaving?.inputs ?? [];
    const [entered] = node.outputs;
    if (leaving && inside && entered && isBlocked(leaving, 'ReorderOutput') && isWhole(leaving))
      instead.set(entered.name, inside);
  }
  if (instead.size === 0) return nodes;
  return nodes.map((node) => ({
    ...node,
    inputs: node.inputs.map((value) => (value && instead.get(value.name)) ?? value),
  }));
}

function makersOf(nodes: readonly OnnxNode[]): ReadonlyMap<string, OnnxNode> {
  return new Map(nodes.flatMap((node) => node.outputs.map(({ name }) => [name, node] as const)));
}

function countUses(
  nodes: readonly OnnxNode[],
  results: readonly OnnxValue[],
): ReadonlyMap<string, number> {
  const uses = new Map<string, number>();
  for (const value of [...nodes.flatMap(({ inputs }) => inputs), ...results])
    if (value) uses.set(value.name, (uses.get(value.name) ?? 0) + 1);
  return uses;
}

function isBlocked(node: OnnxNode, op: string): boolean {
  return node.op === op && node.domain === BLOCKED_DOMAIN;
}

/** Whether no block has channels that only fill it up. */
function isWhole({ inputs, outputs }: OnnxNode): boolean {
  return inputs[0]?.shape[1] === outputs[0]?.shape[1];
}
