// Operators that ONNX Runtime's WebGPU provider lacks, computes wrongly or only roughly, by others. What it lacks would run on
// the processor in the middle of a graph, with a copy there and back. Found with onnxruntime-node 1.30.0.
import type { OnnxAttr, OnnxType, OnnxValue } from '../onnx/onnx-graph.js';
import type { Lowering } from './lowering.js';

type Inputs = readonly (OnnxValue | null)[];
type Attrs = Readonly<Record<string, OnnxAttr>>;
/** Gives the outputs, or null if the operator can stay. */
type Form = (
  l: Lowering,
  inputs: Inputs,
  attrs: Attrs,
  types: readonly OnnxType[],
) => readonly OnnxValue[] | null;

/** A shader may bind eight buffers on every device: the whole and seven parts. */
const MOST_PARTS = 7;

/** By the operator's name; only for tensors of float32 where they compute. */
export const WEBGPU_FORMS: Readonly<Record<string, Form>> = {
  Conv: convolution,
  Cos: (l, [x]) => [cosine(l, given(x))],
  IsInf: (l, [x]) => {
    const infinity = l.scalar(Infinity, 'float32');
    return [l.map('Equal', [l.map('Abs', [given(x)]), infinity], { dtype: 'bool' })];
  },
  IsNaN: (l, [x]) => [l.map('Not', [l.map('Equal', [given(x), given(x)], { dtype: 'bool' })])],
  Or: (l, [a, b]) => {
    const neither = l.map('And', [l.map('Not', [given(a)]), l.map('Not', [given(b)])]);
    return [l.map('Not', [neither])];
  },
  Round: (l, [x]) => [round(l, given(x))],
  Sign: (l, [x]) => (given(x).dtype === 'float32' ? [sign(l, given(x))] : null),
  Sin: (l, [x]) => [sine(l, given(x))],
  Split: split,
  Tan: (l, [x]) => [l.map('Div', [sine(l, given(x)), cosine(l, given(x))])],
  Sum: (l, inputs) => [inputs.map(given).reduce((sum, part) => l.map('Add', [sum, part]))],
};

/**
 * Where the channels of the image come in threes but not in fours and are more than three, and those of the result in fours, the
 * provider computes something else (github.com/microsoft/onnxruntime/issues/29651): channels of zeros make it fours.
 */
function convolution(
  l: Lowering,
  inputs: Inputs,
  attrs: Attrs,
  types: readonly OnnxType[],
): readonly OnnxValue[] | null {
  const [image, filter, ...bias] = inputs;
  const channels = given(image).shape[1] ?? 1;
  const results = given(filter).shape[0] ?? 1;
  const grouped = (attrs['group'] ?? 1) !== 1;
  if (grouped || channels <= 3 || channels % 3 !== 0 || channels % 4 === 0 || results % 4 !== 0)
    return null;
  const more = 4 - (channels % 4);
  return l.emitAll(
    'Conv',
    [moreChannels(l, given(image), more), moreChannels(l, given(filter), more), ...bias],
    attrs,
    types,
  );
}

function moreChannels(l: Lowering, x: OnnxValue, more: number): OnnxValue {
  const shape = x.shape.map((size, axis) => (axis === 1 ? size + more : size));
  const none = x.shape.map(() => 0);
  const after = x.shape.map((_, axis) => (axis === 1 ? more : 0));
  const pads = l.ints([...none, ...after]);
  return l.emit('Pad', [x, pads], { mode: 'constant' }, { shape, dtype: x.dtype });
}

/** By halves, if there are too many parts for one go. */
function split(
  l: Lowering,
  [x]: Inputs,
  attrs: Attrs,
  types: readonly OnnxType[],
): readonly OnnxValue[] | null {
  if (types.length <= MOST_PARTS) return null;
  const axis = Number(attrs['axis'] ?? 0);
  const whole = given(x);
  const middle = types.length >> 1;
  const halves = [types.slice(0, middle), types.slice(middle)];
  const sizes = halves.map((half) => lengthOf(half, axis));
  const parts = l.emitAll(
    'Split',
    [whole, l.ints(sizes)],
    attrs,
    sizes.map((length) => ({
      shape: whole.shape.map((size, i) => (i === axis ? length : size)),
      dtype: whole.dtype,
    })),
  );
  return halves.flatMap((half, at) => {
    const lengths = half.map((type) => lengthOf([type], axis));
    return l.emitAll('Split', [given(parts[at]), l.ints(lengths)], attrs, half);
  });
}

function lengthOf(parts: readonly OnnxType[], axis: number): number {
  return parts.reduce((sum, { shape }) => sum + (shape[axis] ?? 0), 0);
}

/** −1, 0 or 1; NaN of NaN. */
function sign(l: Lowering, x: OnnxValue): OnnxValue {
  const zero = l.scalar(0, 'float32');
  const is = (test: 'Greater' | 'Less'): OnnxValue =>
    l.cast(l.map(test, [x, zero], { dtype: 'bool' }), 'float32');
  const number = l.map('Equal', [x, x], { dtype: 'bool' });
  return l.map('Where', [number, l.map('Sub', [is('Greater'), is('Less')]), x], {
    dtype: 'float32',
  });
}

/** To the nearest whole number, halves to the even one. */
function round(l: Lowering, x: OnnxValue): OnnxValue {
  const half = l.scalar(0.5, 'float32');
  const below = l.map('Floor', [x]);
  const rest = l.map('Sub', [x, below]); // exact
  const up = l.map('Or', [
    l.map('Greater', [rest, half], { dtype: 'bool' }),
    l.map('And', [l.map('Equal', [rest, half], { dtype: 'bool' }), isOdd(l, below)]),
  ]);
  return l.map('Add', [below, l.cast(up, 'float32')]);
}

/** Of whole numbers. */
function isOdd(l: Lowering, x: OnnxValue): OnnxValue {
  const half = l.map('Mul', [x, l.scalar(0.5, 'float32')]);
  return l.map('Less', [l.map('Floor', [half]), half], { dtype: 'bool' });
}

/** π in three parts, the first two short enough that their products with whole numbers below 2¹³ are exact. */
const PI = [3.140625, 9.67502593994140625e-4, 1.5099579909783764e-7];
/** Of the series of sin(r) / r in r², highest power first: off by 1e-9 at most where |r| ≤ π / 2. */
const SINE = [1 / 6227020800, -1 / 39916800, 1 / 362880, -1 / 5040, 1 / 120, -1 / 6, 1];

/**
 * x less a number of half turns, by the series, with the other sign where that number is odd. Shaders may be off by 2⁻¹¹ (W3C,
 * WebGPU Shading Language, accuracy of built-in functions), and some are.
 */
function sine(l: Lowering, x: OnnxValue): OnnxValue {
  const scalar = (value: number): OnnxValue => l.scalar(value, 'float32');
  const inTurns = l.map('Mul', [x, scalar(1 / Math.PI)]);
  const turns = l.map('Floor', [l.map('Add', [inTurns, scalar(0.5)])]);
  const r = PI.reduce((rest, part) => l.map('Sub', [rest, l.map('Mul', [turns, scalar(part)])]), x);
  const square = l.map('Mul', [r, r]);
  const [first = 0, ...others] = SINE;
  const series = others.reduce(
    (sum, next) => l.map('Add', [l.map('Mul', [sum, square]), scalar(next)]),
    scalar(first),
  );
  const value = l.map('Mul', [r, series]);
  return l.map('Where', [isOdd(l, turns), l.map('Neg', [value]), value], { dtype: 'float32' });
}

/** 1 − 2 sin²(x / 2) */
function cosine(l: Lowering, x: OnnxValue): OnnxValue {
  const half = sine(l, l.map('Mul', [x, l.scalar(0.5, 'float32')]));
  const square = l.map('Mul', [half, half]);
  const one = l.scalar(1, 'float32');
  return l.map('Sub', [one, l.map('Add', [square, square])]);
}

function given(value: OnnxValue | null | undefined): OnnxValue {
  if (value == null) throw new Error('an operator lacks an input');
  return value;
}
