// Turns values of the tfjs graph into ONNX values, and keeps images in the layout where they are.
//
// tfjs computes on [B, H, W, C], ONNX's convolutions on [B, C, H, W]. A value may exist in either form or in both. Convolutions and
// pools make the second form; whatever can work on it without a transpose does; the first form is made only for what needs it.
import { backend_util } from '@tensorflow/tfjs-core';
import type { ConstantData, DType, Value } from '../graph/graph.js';
import { sameShape } from '../graph/graph.js';
import type {
  OnnxAttr,
  OnnxDType,
  OnnxGraphBuilder,
  OnnxType,
  OnnxValue,
  Origin,
} from '../onnx/onnx-graph.js';
import { WEBGPU_FORMS } from './webgpu-forms.js';

/** `plain` is the shape that tfjs sees; `nchw` has the channels of a rank-4 value in second place. */
export type Layout = 'plain' | 'nchw';

/** What operators are chosen for: ONNX Runtime on processors, its WebGPU provider, or any runtime. */
export type Target = 'cpu' | 'webgpu' | 'portable';

/** How to lower. */
export interface LoweringOptions {
  readonly anyBatch: boolean;
  readonly target: Target;
  /** Default 0. */
  readonly block?: number;
}

const TO_NCHW = [0, 3, 1, 2];
const TO_PLAIN = [0, 2, 3, 1];

interface Forms {
  plain?: OnnxValue;
  nchw?: OnnxValue;
}

/** Emits ONNX nodes and remembers the forms of each value. */
export class Lowering {
  /** True if the graph must be comparable with that of another batch size: no choice may hang on the batch. */
  readonly anyBatch: boolean;
  /** What to choose operators for. */
  readonly target: Target;
  /** How many channels ONNX Runtime's blocked convolutions take together on this processor; 0 if it has none. */
  readonly block: number;
  private readonly builder: OnnxGraphBuilder;
  private readonly forms = new Map<Value, Forms>();
  /** What transposes were made of, so that two in a row become one. */
  private readonly transposed = new Map<string, { of: OnnxValue; perm: readonly number[] }>();
  private origin: Origin = { name: '', source: '' };

  constructor(builder: OnnxGraphBuilder, options: LoweringOptions) {
    this.builder = builder;
    this.anyBatch = options.anyBatch;
    this.target = options.target;
    this.block = options.block ?? 0;
  }

  /** Say which operation the nodes that follow come from. */
  startNode(origin: Origin): void {
    this.origin = origin;
  }

  /** Define a value by an ONNX value in the given layout. */
  set(value: Value, onnx: OnnxValue, layout: Layout = 'plain'): void {
    const expected = layout === 'plain' ? value.shape : permute(value.shape, TO_NCHW);
    if (!sameShape(expected, onnx.shape) || value.dtype !== onnx.dtype) {
      throw new Error(
        `${value.node.kernel}: lowering gave ${onnx.dtype} [${onnx.shape.join()}] for ${value.dtype} [${expected.join()}]`,
      );
    }
    const forms = this.forms.get(value) ?? {};
    forms[layout] = onnx;
    this.forms.set(value, forms);
  }

  /** Define a value as another one, in all its forms. */
  alias(value: Value, of: Value): void {
    this.forms.set(value, this.formsOf(of));
  }

  /** The layout that the value exists in; plain if in both. */
  layoutOf(value: Value): Layout {
    return this.formsOf(value).plain === undefined ? 'nchw' : 'plain';
  }

  /** True if the value exists with channels first. */
  hasNchw(value: Value): boolean {
    return this.formsOf(value).nchw !== undefined;
  }

  /** The layout in which to work on all these values: channels first as soon as one rank-4 value exists only so. */
  commonLayout(values: readonly Value[]): Layout {
    return values.some((value) => value.shape.length === 4 && this.layoutOf(value) === 'nchw')
      ? 'nchw'
      : 'plain';
  }

  /** The value in the given layout. */
  get(value: Value, layout: Layout): OnnxValue {
    const forms = this.formsOf(value);
    const present = forms[layout];
    if (present !== undefined) return present;
    const [from, perm] =
      layout === 'plain' ? [required(forms.nchw), TO_PLAIN] : [required(forms.plain), TO_NCHW];
    const [, height, width, channels] = value.shape;
    // With one channel or one pixel no number changes its place. (On WebGPU the runtime then left neighbours to the processor.)
    const still = channels === 1 || (height === 1 && width === 1);
    const made =
      still && this.target !== 'webgpu'
        ? this.reshape(from, permute(from.shape, perm))
        : this.transpose(from, perm);
    forms[layout] = made;
    return made;
  }

  /** The value in the shape that tfjs sees. */
  plain(value: Value): OnnxValue {
    return this.get(value, 'plain');
  }

  /** A rank-4 value with its channels in second place. */
  nchw(value: Value): OnnxValue {
    return this.get(value, 'nchw');
  }

  /** Emit a node with one output. */
  emit(
    op: string,
    inputs: readonly (OnnxValue | null)[],
    attrs: Readonly<Record<string, OnnxAttr>>,
    type: OnnxType,
    domain = '',
  ): OnnxValue {
    return required(this.emitAll(op, inputs, attrs, [type], domain)[0]);
  }

  /** Emit a node with several outputs. */
  emitAll(
    op: string,
    inputs: readonly (OnnxValue | null)[],
    attrs: Readonly<Record<string, OnnxAttr>>,
    types: readonly OnnxType[],
    domain = '',
  ): readonly OnnxValue[] {
    const form = this.target === 'webgpu' && domain === '' ? WEBGPU_FORMS[op] : undefined;
    return (
      form?.(this, inputs, attrs, types) ??
      this.builder.addAll(op, inputs, attrs, types, this.origin, domain)
    );
  }

  /** Emit a node that works element by element with broadcasting; the type is the first operand's if none is given. */
  map(
    op: string,
    inputs: readonly OnnxValue[],
    options: {
      readonly attrs?: Readonly<Record<string, OnnxAttr>>;
      readonly dtype?: OnnxDType;
    } = {},
  ): OnnxValue {
    const shape = inputs
      .map((input) => [...input.shape])
      .reduce((a, b) => backend_util.assertAndGetBroadcastShape(a, b));
    return this.emit(op, inputs, options.attrs ?? {}, {
      shape,
      dtype: options.dtype ?? required(inputs[0]).dtype,
    });
  }

  /** A constant number without dimensions. */
  scalar(value: number, dtype: OnnxDType): OnnxValue {
    return this.constant([], dtype, [value]);
  }

  /** A list of whole numbers: a shape, axes, indices. */
  ints(values: readonly number[]): OnnxValue {
    return this.constant([values.length], 'int64', values);
  }

  /** A constant of any shape. */
  constant(shape: readonly number[], dtype: OnnxDType, values: ArrayLike<number>): OnnxValue {
    const data = dtype === 'int64' ? Array.from(values) : new ARRAYS[dtype](values);
    return this.builder.constant({ shape: [...shape], dtype }, data, this.origin);
  }

  /** A constant that keeps its name, such as a trained weight. */
  stored(name: string, type: OnnxType, data: ConstantData): OnnxValue {
    return this.builder.stored(name, type, data, this.origin);
  }

  /** True if the value is stored in the graph: the runtime prepares once what is made of it alone. */
  isStored({ name }: OnnxValue): boolean {
    return this.builder.initializers.some(({ value }) => value.name === name);
  }

  /** The same elements in another shape. */
  reshape(x: OnnxValue, shape: readonly number[]): OnnxValue {
    if (sameShape(x.shape, shape)) return x;
    // Without the attribute a size of 0 would stand for that of the input.
    const attrs = shape.includes(0) ? { allowzero: 1 } : {};
    return this.emit('Reshape', [x, this.ints(shape)], attrs, { shape, dtype: x.dtype });
  }

  /** Axes in another order. */
  transpose(x: OnnxValue, perm: readonly number[]): OnnxValue {
    if (perm.every((axis, i) => axis === i)) return x;
    const before = this.transposed.get(x.name);
    if (before !== undefined)
      return this.transpose(
        before.of,
        perm.map((axis) => before.perm[axis] ?? axis),
      );
    const type = { shape: permute(x.shape, perm), dtype: x.dtype };
    const result = this.emit('Transpose', [x], { perm }, type);
    this.transposed.set(result.name, { of: x, perm });
    return result;
  }

  /** Repeat along dimensions of size 1, and add leading dimensions. */
  expand(x: OnnxValue, shape: readonly number[]): OnnxValue {
    if (sameShape(x.shape, shape)) return x;
    return this.emit('Expand', [x, this.ints(shape)], {}, { shape, dtype: x.dtype });
  }

  /** Another element type; ONNX's rules: floats are truncated towards zero, and whatever is not 0 is true. */
  cast(x: OnnxValue, dtype: OnnxDType): OnnxValue {
    if (x.dtype === dtype) return x;
    return this.emit('Cast', [x], { to: CAST_TO[dtype] }, { shape: x.shape, dtype });
  }

  private formsOf(value: Value): Forms {
    return required(this.forms.get(value));
  }
}

/** Sizes in another order. */
export function permute(shape: readonly number[], perm: readonly number[]): number[] {
  return perm.map((axis) => shape[axis] ?? 1);
}

/** Where an axis of the plain shape is found in the given layout. */
export function axisIn(layout: Layout, axis: number): number {
  return layout === 'plain' ? axis : TO_NCHW.indexOf(axis);
}

/** A list with one entry per axis, reordered for the given layout. */
export function perAxisIn<T>(layout: Layout, entries: readonly T[]): T[] {
  return layout === 'plain' ? [...entries] : TO_NCHW.map((axis) => required(entries[axis]));
}

/** The shape of a value in the given layout. */
export function typeIn(
  layout: Layout,
  { shape, dtype }: { shape: readonly number[]; dtype: DType },
): OnnxType {
  return { shape: perAxisIn(layout, shape), dtype };
}

const CAST_TO: Readonly<Record<OnnxDType, number>> = {
  float32: 1,
  uint8: 2,
  int32: 6,
  int64: 7,
  bool: 9,
};
const ARRAYS = {
  float32: Float32Array,
  int32: Int32Array,
  bool: Uint8Array,
  uint8: Uint8Array,
} as const;

function required<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('a value was used before it was lowered');
  return value;
}
