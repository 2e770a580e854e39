import { util } from '@tensorflow/tfjs-core';
import { sizeOf, type TensorType } from '../graph/graph.js';
import type { OnnxValue } from '../onnx/onnx-graph.js';
import { defineKernel, operand, result, type Call, type Kernel } from './kernel.js';
import type { Lowering } from './lowering.js';

interface ArgAttrs {
  readonly axis: number;
}

/** Where the largest and smallest values are; the first of equals. */
export const argReductions: readonly Kernel[] = ['ArgMax', 'ArgMin'].map((name) =>
  defineKernel<ArgAttrs>({
    name,
    infer: (call): TensorType => {
      const axis = axisOf(call);
      return { shape: operand(call, 'x').shape.filter((_, i) => i !== axis), dtype: 'int32' };
    },
    lower: (node, l) => {
      const [x, out] = [operand(node, 'x'), result(node)];
      const source = l.plain(x);
      const numbers =
        source.dtype === 'bool' ? l.cast(source, 'int32') : withoutNaN(l, source, name);
      const at = l.emit(
        name,
        [numbers],
        { axis: axisOf(node), keepdims: 0 },
        { shape: out.shape, dtype: 'int64' },
      );
      l.set(out, l.cast(at, 'int32'));
    },
    flop: (node) => sizeOf(operand(node, 'x').shape),
  }),
);

/** NaN loses against every number. */
function withoutNaN(l: Lowering, x: OnnxValue, name: string): OnnxValue {
  if (x.dtype !== 'float32') return x;
  const none = l.map('IsNaN', [x], { dtype: 'bool' });
  const worst = l.scalar(name === 'ArgMax' ? -Infinity : Infinity, 'float32');
  return l.map('Where', [none, worst, x], { dtype: 'float32' });
}

function axisOf(call: Call<ArgAttrs>): number {
  return util.parseAxisParam(call.attrs.axis, [...operand(call, 'x').shape])[0] ?? 0;
}
