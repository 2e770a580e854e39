import { createNode, inputsOf, type Graph, type Node, type Value } from './graph.js';
import { prune } from './prune.js';

/** Kernels whose ONNX operator adds one number per output channel by itself. */
const BIASED: ReadonlySet<string> = new Set(['Conv2D', 'GroupedConv2D', 'BatchMatMul']);

/** Make sums of a product and a bias part of the product, where nothing else reads the product: one pass over memory less. */
export function fuseBias(graph: Graph): Graph {
  const uses = new Map<Value, number>();
  const use = (value: Value): void => void uses.set(value, (uses.get(value) ?? 0) + 1);
  graph.nodes.forEach((node) => inputsOf(node).forEach(use));
  graph.outputs.forEach(({ value }) => use(value));

  const replaced = new Map<Value, Value>();
  const replacementOf = (value: Value): Value => replaced.get(value) ?? value;
  const nodes = graph.nodes.map((node): Node => {
    const inputs = Object.fromEntries(
      Object.entries(node.inputs).map(([name, value]) => [name, replacementOf(value)]),
    );
    const fused = node.kernel === 'Add' ? biased(node, inputs, uses) : null;
    const changed = Object.entries(node.inputs).some(([name, value]) => inputs[name] !== value);
    if (fused === null && !changed) return node;
    const next = fused ?? createNode(node.kernel, node.op, inputs, node.attrs, node.outputs);
    node.outputs.forEach((value, i) => replaced.set(value, next.outputs[i] ?? value));
    return next;
  });
  const outputs = graph.outputs.map((border) => ({
    ...border,
    value: replacementOf(border.value),
  }));
  return prune({ inputs: graph.inputs, nodes, outputs });
}

function biased(
  sum: Node,
  inputs: Readonly<Record<string, Value>>,
  uses: ReadonlyMap<Value, number>,
): Node | null {
  for (const [productName, biasName] of [
    ['a', 'b'],
    ['b', 'a'],
  ] as const) {
    const product = inputs[productName];
    const bias = inputs[biasName];
    const original = sum.inputs[productName];
    if (
      product === undefined ||
      bias === undefined ||
      original === undefined ||
      uses.get(original) !== 1
    )
      continue;
    const { node, shape } = product;
    if (
      !BIASED.has(node.kernel) ||
      node.inputs['bias'] !== undefined ||
      node.attrs['dataFormat'] === 'NCHW'
    )
      continue;
    if (node.kernel === 'BatchMatMul' && (shape.length !== 2 || product.dtype !== 'float32'))
      continue;
    if (bias.shape.length !== 1 || bias.shape[0] !== shape.at(-1)) continue;
    return createNode(node.kernel, node.op, { ...node.inputs, bias }, node.attrs, sum.outputs);
  }
  return null;
}
