import { slice_util, util } from '@tensorflow/tfjs-core';
import { sameShape, type TensorType } from '../graph/graph.js';
import type { OnnxValue } from '../onnx/onnx-graph.js';
import { asTensor } from './as-tensor.js';
import { checked, defineKernel, operand, result, type Call, type Kernel } from './kernel.js';
import { axisIn, typeIn, type Lowering } from './lowering.js';

/** The end of a slice that runs backwards through the first element. */
export const BEFORE_START = -0x7fffffff;

interface SliceAttrs {
  readonly begin: number | number[];
  readonly size: number | number[];
}

interface StridedSliceAttrs {
  readonly begin: number[];
  readonly end: number[];
  readonly strides: number[];
  readonly beginMask: number;
  readonly endMask: number;
  readonly ellipsisMask: number;
  readonly newAxisMask: number;
  readonly shrinkAxisMask: number;
}

/** Parts of a tensor, with steps and backwards. */
export const slices: readonly Kernel[] = [
  defineKernel<SliceAttrs>({
    name: 'Slice',
    infer: (call): TensorType => ({ shape: sliceRange(call)[1], dtype: operand(call, 'x').dtype }),
    lower: (node, l) => {
      const [x, out] = [operand(node, 'x'), result(node)];
      const [begin, size] = sliceRange(node);
      const axes = axesWhere(x.shape, (axis, full) => begin[axis] !== 0 || size[axis] !== full);
      if (axes.length === 0) {
        l.alias(out, x);
        return;
      }
      const layout = l.commonLayout([x]);
      const ends = begin.map((start, axis) => start + (size[axis] ?? 0));
      const inputs = [
        pick(begin, axes),
        pick(ends, axes),
        axes.map((axis) => axisIn(layout, axis)),
      ].map((list) => l.ints(list));
      l.set(out, l.emit('Slice', [l.get(x, layout), ...inputs], {}, typeIn(layout, out)), layout);
    },
    flop: () => 0,
  }),
  defineKernel<StridedSliceAttrs>({
    name: 'StridedSlice',
    infer: (call): TensorType => ({
      shape: stridedRange(call).finalShape,
      dtype: operand(call, 'x').dtype,
    }),
    lower: (node, l) => {
      const [x, out] = [operand(node, 'x'), result(node)];
      const { begin, end, strides } = stridedRange(node);
      const sliced = x.shape.map((_, axis) =>
        Math.max(0, Math.ceil(((end[axis] ?? 0) - (begin[axis] ?? 0)) / (strides[axis] ?? 1))),
      );
      const axes = axesWhere(
        x.shape,
        (axis, full) => begin[axis] !== 0 || end[axis] !== full || strides[axis] !== 1,
      );
      const ends = end.map((stop, axis) =>
        (strides[axis] ?? 1) < 0 && stop < 0 ? BEFORE_START : stop,
      );
      const part = strided(
        l,
        l.plain(x),
        axes,
        pick(begin, axes),
        pick(ends, axes),
        pick(strides, axes),
        sliced,
      );
      l.set(out, l.reshape(part, out.shape));
    },
    flop: () => 0,
  }),
  defineKernel<{ dims?: number | number[] | null }>({
    name: 'Reverse',
    infer: (call): TensorType => {
      const { dims } = call.attrs;
      const x = operand(call, 'x');
      if (dims != null) checked(call, () => util.parseAxisParam(dims, [...x.shape]));
      return x;
    },
    lower: (node, l) => {
      const [x, out] = [operand(node, 'x'), result(node)];
      const layout = l.commonLayout([x]);
      const { dims } = node.attrs;
      const axes =
        dims == null ? x.shape.map((_, i) => i) : util.parseAxisParam(dims, [...x.shape]);
      const mapped = axes.map((axis) => axisIn(layout, axis));
      l.set(out, reversed(l, l.get(x, layout), mapped), layout);
    },
    flop: () => 0,
  }),
  defineKernel({
    name: 'FlipLeftRight',
    infer: (call): TensorType => operand(call, 'image'),
    lower: (node, l) => {
      const image = operand(node, 'image'); // [B, H, W, C]
      const layout = l.commonLayout([image]);
      l.set(result(node), reversed(l, l.get(image, layout), [axisIn(layout, 2)]), layout);
    },
    flop: () => 0,
  }),
];

/** A value with the order of elements turned around along some axes. */
export function reversed(l: Lowering, x: OnnxValue, axes: readonly number[]): OnnxValue {
  const turned = axes.filter((axis) => (x.shape[axis] ?? 1) > 1);
  const all = (value: number): number[] => turned.map(() => value);
  return strided(l, x, turned, all(-1), all(BEFORE_START), all(-1), x.shape);
}

/** A part of a tensor: entries `steps` apart along some axes, from `starts` to before `ends`. */
export function strided(
  l: Lowering,
  x: OnnxValue,
  axes: readonly number[],
  starts: readonly number[],
  ends: readonly number[],
  steps: readonly number[],
  shape: readonly number[],
): OnnxValue {
  if (axes.length === 0 && sameShape(shape, x.shape)) return x;
  return l.emit(
    'Slice',
    [x, ...[starts, ends, axes, steps].map((list) => l.ints(list))],
    {},
    { shape, dtype: x.dtype },
  );
}

/** `count` entries along an axis from `start` on, `step` apart. */
export function everyAlong(
  l: Lowering,
  x: OnnxValue,
  axis: number,
  start: number,
  count: number,
  step: number,
): OnnxValue {
  if (start === 0 && count === x.shape[axis] && step === 1) return x;
  const shape = x.shape.map((size, i) => (i === axis ? count : size));
  const lists = [
    [start],
    [start + (count - 1) * step + 1],
    [axis],
    ...(step === 1 ? [] : [[step]]),
  ];
  return l.emit('Slice', [x, ...lists.map((list) => l.ints(list))], {}, { shape, dtype: x.dtype });
}

function sliceRange(call: Call<SliceAttrs>): [begin: number[], size: number[]] {
  const x = operand(call, 'x');
  const [begin, size] = checked(call, () => {
    const range = slice_util.parseSliceParams(asTensor(x), call.attrs.begin, call.attrs.size);
    slice_util.assertParamsValid(asTensor(x), range[0] as number[], range[1] as number[]);
    return range;
  });
  return [begin as number[], size as number[]];
}

function stridedRange(call: Call<StridedSliceAttrs>): {
  finalShape: number[];
  begin: number[];
  end: number[];
  strides: number[];
} {
  const { begin, end, strides, beginMask, endMask, ellipsisMask, newAxisMask, shrinkAxisMask } =
    call.attrs;
  const { shape } = operand(call, 'x');
  return slice_util.sliceInfo(
    [...shape],
    begin,
    end,
    strides,
    beginMask,
    endMask,
    ellipsisMask,
    newAxisMask,
    shrinkAxisMask,
  );
}

function axesWhere(
  shape: readonly number[],
  test: (axis: number, size: number) => boolean,
): number[] {
  return shape.flatMap((size, axis) => (test(axis, size) ? [axis] : []));
}

function pick(values: readonly number[], axes: readonly number[]): number[] {
  return axes.map((axis) => values[axis] ?? 0);
}
