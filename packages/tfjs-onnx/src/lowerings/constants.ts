import { describeNode, type ConstantData, type DType, type TensorType } from '../graph/graph.js';
import { TfjsOnnxError } from '../tfjs-onnx-error.js';
import { defineKernel, operand, result, type Kernel } from './kernel.js';

interface FillAttrs {
  readonly shape: readonly number[];
  readonly value: number;
  readonly dtype?: string;
}

/** Tensors that depend on no input. */
export const constants: readonly Kernel[] = [
  defineKernel<FillAttrs>({
    name: 'Fill',
    infer: ({ kernel, op, attrs }): TensorType => {
      const dtype = attrs.dtype ?? 'float32';
      if (typeof attrs.value === 'number' && isDType(dtype)) return { shape: attrs.shape, dtype };
      throw new TfjsOnnxError(
        'TFJS_ONNX_UNSUPPORTED_DTYPE',
        `${describeNode({ kernel, op })}: expected numbers, got ${dtype}.`,
      );
    },
    lower: (node, l) => {
      const out = result(node);
      l.set(out, l.expand(l.scalar(node.attrs.value, out.dtype), out.shape));
    },
    flop: () => 0,
  }),
  defineKernel<{ data: ConstantData; name?: string }>({
    name: 'Constant',
    infer: () => [],
    lower: (node, l) => {
      const out = result(node);
      const { data, name } = node.attrs;
      l.set(
        out,
        name === undefined ? l.constant(out.shape, out.dtype, data) : l.stored(name, out, data),
      );
    },
    flop: () => 0,
  }),
  ...(['ZerosLike', 'OnesLike'] as const).map((name) =>
    defineKernel({
      name,
      infer: (call): TensorType => operand(call, 'x'),
      lower: (node, l) => {
        const out = result(node);
        l.set(out, l.expand(l.scalar(name === 'OnesLike' ? 1 : 0, out.dtype), out.shape));
      },
      flop: () => 0,
    }),
  ),
];

function isDType(dtype: string): dtype is DType {
  return dtype === 'float32' || dtype === 'int32' || dtype === 'bool';
}
