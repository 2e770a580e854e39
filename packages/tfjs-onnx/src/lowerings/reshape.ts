import { util } from '@tensorflow/tfjs-core';
import { sizeOf, type TensorType } from '../graph/graph.js';
import { checked, defineKernel, operand, result, type Kernel } from './kernel.js';

/** The same elements in another shape. */
export const reshapes: readonly Kernel[] = [
  defineKernel<{ shape: number[] }>({
    name: 'Reshape',
    infer: (call): TensorType => {
      const x = operand(call, 'x');
      return {
        shape: util.inferFromImplicitShape(call.attrs.shape, sizeOf(x.shape)),
        dtype: x.dtype,
      };
    },
    lower: (node, l) => {
      l.set(result(node), l.reshape(l.plain(operand(node, 'x')), result(node).shape));
    },
    flop: () => 0,
  }),
  defineKernel<{ dim: number }>({
    name: 'ExpandDims',
    infer: (call): TensorType => {
      const { shape, dtype } = operand(call, 'input');
      const { dim } = call.attrs;
      const most = shape.length;
      checked(call, () =>
        util.assert(
          dim >= -(most + 1) && dim <= most,
          () => `expected an axis from ${-(most + 1)} to ${most}, got ${dim}.`,
        ),
      );
      const at = dim < 0 ? most + 1 + dim : dim;
      return { shape: [...shape.slice(0, at), 1, ...shape.slice(at)], dtype };
    },
    lower: (node, l) => {
      l.set(result(node), l.reshape(l.plain(operand(node, 'input')), result(node).shape));
    },
    flop: () => 0,
  }),
];
