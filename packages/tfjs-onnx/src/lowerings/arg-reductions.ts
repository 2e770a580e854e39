import { util } from '@tensorflow/tfjs-core';
import { sizeOf, type TensorType } from '../graph/graph.js';
import { defineKernel, operand, result, type Call, type Kernel } from './kernel.js';

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
      const numbers = source.dtype === 'bool' ? l.cast(source, 'int32') : source;
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

function axisOf(call: Call<ArgAttrs>): number {
  return util.parseAxisParam(call.attrs.axis, [...operand(call, 'x').shape])[0] ?? 0;
}
