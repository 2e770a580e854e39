import { util } from '@tensorflow/tfjs-core';
import { sizeOf, type DType, type TensorType } from '../graph/graph.js';
import type { OnnxValue } from '../onnx/onnx-graph.js';
import { defineKernel, operand, result, type Call, type Kernel } from './kernel.js';
import { axisIn, type Layout, type Lowering } from './lowering.js';
import { reduceInStages } from './staged-reduction.js';

interface ReduceAttrs {
  readonly axis?: number | number[] | null;
  /** What Max calls its axes. */
  readonly reductionIndices?: number | number[] | null;
  readonly keepDims: boolean;
}

/** Sums, products and extremes over axes. */
export const reductions: readonly Kernel[] = [
  reduction('Sum', 'ReduceSum'),
  reduction('Mean', 'ReduceMean'),
  reduction('Prod', 'ReduceProd'),
  reduction('Max', 'ReduceMax'),
  reduction('Min', 'ReduceMin'),
  reduction('All', 'ReduceMin'),
  reduction('Any', 'ReduceMax'),
];

function reduction(name: string, op: string): Kernel {
  return defineKernel<ReduceAttrs>({
    name,
    infer: (call): TensorType => {
      const x = operand(call, 'x');
      const axes = axesOf(call);
      const kept = x.shape.map((size, axis) => (axes.includes(axis) ? 1 : size));
      const shape = call.attrs.keepDims ? kept : kept.filter((_, axis) => !axes.includes(axis));
      return { shape, dtype: resultType(name, x.dtype) };
    },
    lower: (node, l) => {
      const [x, out] = [operand(node, 'x'), result(node)];
      const axes = axesOf(node);
      const layout = axes.length === 0 ? 'plain' : reduceLayout(l, node, axes);
      const source = l.get(x, layout);
      const operandValue =
        name === 'Mean'
          ? l.cast(source, 'float32')
          : source.dtype === 'bool'
            ? l.cast(source, 'int32')
            : source;
      if (axes.length === 0) {
        l.set(out, l.cast(operandValue, out.dtype));
        return;
      }
      const mapped = axes.map((axis) => axisIn(layout, axis)).sort((a, b) => a - b);
      const keep = node.attrs.keepDims;
      const reduced = reduce(l, op, operandValue, mapped, keep);
      const honest =
        (name === 'Max' || name === 'Min') && x.dtype === 'float32'
          ? keepNaN(l, reduced, operandValue, mapped, keep)
          : reduced;
      l.set(out, l.cast(honest, out.dtype), keep && x.shape.length === 4 ? layout : 'plain');
    },
    flop: (node) => sizeOf(operand(node, 'x').shape),
  });
}

/** One NaN makes the extreme NaN, as in tfjs; ONNX Runtime's comparisons pass it over. */
function keepNaN(
  l: Lowering,
  extreme: OnnxValue,
  x: OnnxValue,
  axes: readonly number[],
  keep: boolean,
): OnnxValue {
  const none = l.cast(l.map('IsNaN', [x], { dtype: 'bool' }), 'int32');
  const any = l.cast(reduce(l, 'ReduceMax', none, axes, keep), 'bool');
  return l.map('Where', [any, l.scalar(NaN, 'float32'), extreme], { dtype: 'float32' });
}

function resultType(name: string, dtype: DType): DType {
  if (name === 'Mean') return 'float32';
  return dtype === 'bool' && (name === 'Sum' || name === 'Prod') ? 'int32' : dtype;
}

/** A reduction over axes that are already those of the ONNX value. */
function reduce(
  l: Lowering,
  op: string,
  x: OnnxValue,
  axes: readonly number[],
  keepDims: boolean,
): OnnxValue {
  const kept = x.shape.map((size, axis) => (axes.includes(axis) ? 1 : size));
  // How many stages there are would hang on the batch.
  if (l.target === 'webgpu' && !l.anyBatch) {
    const stage = (value: OnnxValue, over: readonly number[]): OnnxValue =>
      reduceAtOnce(l, op, value, over, false);
    const staged = reduceInStages(l, x, axes, stage);
    if (staged !== null) return keepDims ? l.reshape(staged, kept) : staged;
  }
  return reduceAtOnce(l, op, x, axes, keepDims);
}

function reduceAtOnce(
  l: Lowering,
  op: string,
  x: OnnxValue,
  axes: readonly number[],
  keepDims: boolean,
): OnnxValue {
  const kept = x.shape.map((size, axis) => (axes.includes(axis) ? 1 : size));
  const shape = keepDims ? kept : kept.filter((_, axis) => !axes.includes(axis));
  const keepdims = keepDims ? 1 : 0;
  const type = { shape, dtype: x.dtype };
  // Only ReduceSum takes its axes as an input in this operator set.
  if (op === 'ReduceSum') return l.emit(op, [x, l.ints(axes)], { keepdims }, type);
  return l.emit(op, [x], { axes: [...axes], keepdims }, type);
}

/** Channels first, if the value is there and what is left comes in tfjs's order all the same. */
function reduceLayout(l: Lowering, call: Call<ReduceAttrs>, axes: readonly number[]): Layout {
  const x = operand(call, 'x');
  if (l.commonLayout([x]) === 'plain') return 'plain';
  if (call.attrs.keepDims) return 'nchw';
  const left = [0, 1, 2, 3]
    .filter((axis) => !axes.includes(axis))
    .map((axis) => axisIn('nchw', axis));
  return left.every((axis, i) => i === 0 || axis > (left[i - 1] ?? 0)) ? 'nchw' : 'plain';
}

function axesOf(call: Call<ReduceAttrs>): number[] {
  const { shape } = operand(call, 'x');
  const axis = call.attrs.axis ?? call.attrs.reductionIndices;
  return axis == null ? shape.map((_, i) => i) : util.parseAxisParam(axis, [...shape]);
}
