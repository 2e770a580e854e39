import { sameShape, type TensorType } from '../graph/graph.js';
import { defineKernel, operand, result, type Kernel } from './kernel.js';
import { permute } from './lowering.js';

const NHWC_FROM_NCHW = [0, 2, 3, 1];

/** Axes in another order. Transposes between channels first and channels last cost nothing: they only rename a form. */
export const transposes: readonly Kernel[] = [
  defineKernel<{ perm: number[] }>({
    name: 'Transpose',
    infer: (call): TensorType => {
      const x = operand(call, 'x');
      return { shape: permute(x.shape, call.attrs.perm), dtype: x.dtype };
    },
    lower: (node, l) => {
      const [x, out, perm] = [operand(node, 'x'), result(node), node.attrs.perm];
      if (l.layoutOf(x) === 'nchw') {
        const fromNchw = perm.map((axis) => NHWC_FROM_NCHW[axis] ?? axis);
        l.set(out, l.transpose(l.nchw(x), fromNchw));
      } else if (sameShape(perm, NHWC_FROM_NCHW)) l.set(out, l.plain(x), 'nchw');
      else l.set(out, l.transpose(l.plain(x), perm));
    },
  }),
];
