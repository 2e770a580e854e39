// The graph that a trace records: tfjs kernels on values of known shape, in execution order.

/** The element types of values inside a graph, as tfjs knows them. */
export type DType = 'float32' | 'int32' | 'bool';

/** The element types at the border of a graph. tfjs sees `uint8` as `int32`. */
export type BorderDType = DType | 'uint8';

/** Shape and element type of a value. */
export interface TensorType {
  readonly shape: readonly number[];
  readonly dtype: DType;
}

/** The attributes of a kernel call, as tfjs passes them. */
export type Attrs = Readonly<Record<string, unknown>>;

/** One tensor of a graph. Compared by identity. */
export interface Value extends TensorType {
  readonly node: Node;
  /** Which output of its node it is. */
  readonly index: number;
}

/** One kernel call. `Input` and `Constant` are kernels of this package; all others are tfjs's. */
export interface Node {
  readonly kernel: string;
  /** The tfjs operation that called the kernel, after the named scopes around it: `encoder/conv2d`. For messages and readable names. */
  readonly op: string;
  readonly inputs: Readonly<Record<string, Value>>;
  readonly attrs: Attrs;
  readonly outputs: readonly Value[];
}

/** A named input or output. `dtype` is the type at the border, the value's own type is the type inside. */
export interface Border {
  readonly name: string;
  readonly value: Value;
  readonly dtype: BorderDType;
}

/** Nodes in execution order, with the named inputs and outputs. */
export interface Graph {
  readonly inputs: readonly Border[];
  readonly nodes: readonly Node[];
  readonly outputs: readonly Border[];
}

/** Values of a constant. */
export type ConstantData = Float32Array | Int32Array | Uint8Array;

/** Make a node and its outputs. */
export function createNode(
  kernel: string,
  op: string,
  inputs: Readonly<Record<string, Value>>,
  attrs: Attrs,
  types: readonly TensorType[],
): Node {
  const outputs: Value[] = [];
  const node: Node = { kernel, op, inputs, attrs, outputs };
  types.forEach(({ shape, dtype }, index) =>
    outputs.push({ shape: [...shape], dtype, node, index }),
  );
  return node;
}

/** The values that a node reads, in the order of its input names. */
export function inputsOf(node: Node): Value[] {
  return Object.values(node.inputs);
}

/** Number of elements of a shape. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** Whether two lists of numbers are equal. */
export function sameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((size, i) => size === b[i]);
}

/** How a node is called in messages: the operation, and the kernel where it has another name. */
export function describeNode(node: Pick<Node, 'op' | 'kernel'>): string {
  const op = operationOf(node.op);
  if (op === '') return `"${node.kernel}"`;
  return op.toLowerCase() === node.kernel.toLowerCase()
    ? `"${op}"`
    : `"${op}" (kernel ${node.kernel})`;
}

/** The operation at the end of a path of scopes. */
export function operationOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
