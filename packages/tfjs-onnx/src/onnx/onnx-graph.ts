// The ONNX graph under construction: nodes of ONNX operators on values whose shapes are known.
import { attrKey } from '../graph/attr-key.js';
import { sizeOf } from '../graph/graph.js';

/** Element types of ONNX values that this package writes. */
export type OnnxDType = 'float32' | 'int32' | 'bool' | 'uint8' | 'int64';

/** Shape and element type. */
export interface OnnxType {
  readonly shape: readonly number[];
  readonly dtype: OnnxDType;
  /** True if the size depends on values, and the shape is only a bound: it must not be written into the file. */
  readonly open?: boolean;
}

/** One tensor of the graph, known by name. */
export interface OnnxValue extends OnnxType {
  readonly name: string;
}

/** An attribute: whole number, list of them, text, or a float marked as such. */
export type OnnxAttr = number | readonly number[] | string | { readonly float: number };

/** One operator call. `null` inputs are left out. */
export interface OnnxNode {
  readonly name: string;
  readonly op: string;
  readonly domain: string;
  readonly inputs: readonly (OnnxValue | null)[];
  readonly outputs: readonly OnnxValue[];
  readonly attrs: Readonly<Record<string, OnnxAttr>>;
  /** How messages call the tfjs operation that this node comes from. */
  readonly source: string;
}

/** A stored constant. int64 values are plain numbers: they are shapes, axes and indices. */
export interface Initializer {
  readonly value: OnnxValue;
  readonly data: Float32Array | Int32Array | Uint8Array | readonly number[];
  readonly source: string;
}

/** A finished graph. */
export interface OnnxGraph {
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
  readonly nodes: readonly OnnxNode[];
  readonly initializers: readonly Initializer[];
}

/** Where a node comes from: `name` for readable names, `source` for messages. */
export interface Origin {
  readonly name: string;
  readonly source: string;
}

/** Collects nodes; equal calls and equal constants are stored once. */
export class OnnxGraphBuilder {
  readonly nodes: OnnxNode[] = [];
  readonly initializers: Initializer[] = [];
  private readonly calls = new Map<string, readonly OnnxValue[]>();
  private readonly constants = new Map<string, OnnxValue>();
  private readonly names = new Map<string, number>();
  private readonly shareShapes: boolean;

  /** @param options.shareShapes false keeps equal int64 constants apart, so that graphs of several batch sizes stay comparable */
  constructor(options: { readonly shareShapes: boolean }) {
    this.shareShapes = options.shareShapes;
  }

  /** A name that no other value or node has. */
  uniqueName(stem: string): string {
    const count = this.names.get(stem) ?? 0;
    this.names.set(stem, count + 1);
    return count === 0 ? stem : this.uniqueName(`${stem}_${count}`);
  }

  /** Add a node with one output per type, or find an equal one. */
  addAll(
    op: string,
    inputs: readonly (OnnxValue | null)[],
    attrs: Readonly<Record<string, OnnxAttr>>,
    types: readonly OnnxType[],
    origin: Origin,
    domain = '',
  ): readonly OnnxValue[] {
    const key = attrKey([
      domain,
      op,
      inputs.map((input) => input?.name ?? null),
      attrs,
      types.map((t) => t.shape),
    ]);
    const known = this.calls.get(key);
    if (known !== undefined) return known;
    const name = this.uniqueName(within(origin, op));
    const outputs = types.map((type, i) => ({
      ...type,
      name: i === 0 ? name : this.uniqueName(`${name}:${i}`),
    }));
    this.nodes.push({ name, op, domain, inputs, outputs, attrs, source: origin.source });
    this.calls.set(key, outputs);
    return outputs;
  }

  /** A stored constant that keeps its own name, or one with a number if that is taken. */
  stored(name: string, type: OnnxType, data: Initializer['data'], origin: Origin): OnnxValue {
    const value: OnnxValue = { ...type, name: this.uniqueName(name) };
    this.initializers.push({ value, data, source: origin.source });
    return value;
  }

  /** A stored constant. */
  constant(type: OnnxType, data: Initializer['data'], origin: Origin): OnnxValue {
    const small = data.length <= 64;
    const share = small && (this.shareShapes || type.dtype !== 'int64');
    const key = share
      ? `${type.dtype}|${type.shape.join()}|${attrKey(Array.from<number>(data))}`
      : '';
    const known = share ? this.constants.get(key) : undefined;
    if (known !== undefined) return known;
    if (data.length !== sizeOf(type.shape))
      throw new Error(`constant of ${data.length} values with shape ${type.shape.join()}`);
    const value: OnnxValue = { ...type, name: this.uniqueName(constantName(type, data, origin)) };
    this.initializers.push({ value, data, source: origin.source });
    if (share) this.constants.set(key, value);
    return value;
  }
}

/** Whole numbers may depend on the batch size, so their names must not show them. */
function constantName(type: OnnxType, data: Initializer['data'], origin: Origin): string {
  if (data.length === 1 && type.dtype !== 'int64') return `const_${String(data[0])}`;
  const kind = type.dtype === 'int64' ? 'sizes' : 'constant';
  return within(origin, kind);
}

/** A name after the scopes and the operation that it belongs to; a path may end with an empty operation. */
function within({ name }: Origin, own: string): string {
  return name === '' || name.endsWith('/') ? `${name}${own}` : `${name}/${own}`;
}
