import {
  describeNode,
  operationOf,
  sameShape,
  type Graph,
  type Node,
  type Value,
} from '../graph/graph.js';
import { attrKey } from '../graph/attr-key.js';
import { TfjsOnnxError } from '../tfjs-onnx-error.js';

/**
 * Compare two traces of one function. What differs was drawn or changed outside of the graph, and would be frozen into it.
 *
 * @throws {TfjsOnnxError} naming the first operation that differs
 */
export function refuseHiddenRandomness(first: Graph, second: Graph): void {
  const numbers = [numbersOf(first), numbersOf(second)] as const;
  const count = Math.max(first.nodes.length, second.nodes.length);
  for (let i = 0; i < count; i++) {
    const a = first.nodes[i];
    const b = second.nodes[i];
    if (a !== undefined && b !== undefined && sameNode(a, b) && sameWiring(a, b, ...numbers))
      continue;
    const named = a ?? b;
    const name = named === undefined ? 'the function' : (nameOf(named) ?? describeNode(named));
    throw new TfjsOnnxError(
      'TFJS_ONNX_HIDDEN_RANDOMNESS',
      `${name}: expected the same values each time the function is traced, got different ones.`,
      {
        hint: 'Random numbers, clocks and counters would be frozen into the graph. Make them on the host and pass them as inputs.',
      },
    );
  }
}

function nameOf({ op, kernel }: Node): string | null {
  if (kernel !== 'Constant' && kernel !== 'Fill') return null;
  const name = operationOf(op);
  return name === '' ? 'A tensor made from JavaScript numbers' : `"${name}"`;
}

function sameNode(a: Node, b: Node): boolean {
  if (
    a.kernel !== b.kernel ||
    operationOf(a.op) !== operationOf(b.op) ||
    a.outputs.length !== b.outputs.length
  )
    return false;
  if (!a.outputs.every((value, i) => sameShape(value.shape, b.outputs[i]?.shape ?? [])))
    return false;
  const { data: dataA, ...attrsA } = a.attrs;
  const { data: dataB, ...attrsB } = b.attrs;
  return attrKey(attrsA) === attrKey(attrsB) && sameData(dataA, dataB);
}

function numbersOf({ nodes }: Graph): ReadonlyMap<Value, number> {
  return new Map(nodes.flatMap(({ outputs }) => outputs).map((value, i) => [value, i]));
}

function sameWiring(
  a: Node,
  b: Node,
  numbersA: ReadonlyMap<Value, number>,
  numbersB: ReadonlyMap<Value, number>,
): boolean {
  const [read, readAgain] = [Object.values(a.inputs), Object.values(b.inputs)];
  if (read.length !== readAgain.length) return false;
  return read.every((value, i) => {
    const other = readAgain[i];
    return other !== undefined && numbersA.get(value) === numbersB.get(other);
  });
}

function sameData(a: unknown, b: unknown): boolean {
  if (!ArrayBuffer.isView(a) || !ArrayBuffer.isView(b)) return a === b;
  const [x, y] = [a as Float32Array, b as Float32Array];
  if (a === b) return true;
  return x.length === y.length && x.every((value, i) => Object.is(value, y[i]));
}
