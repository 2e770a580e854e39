import { describeNode, type TensorType } from '../graph/graph.js';
import { TfjsOnnxError } from '../tfjs-onnx-error.js';
import { lowerElementwise } from './elementwise.js';
import { defineKernel, operand, result, type Kernel } from './kernel.js';

/** Change of element type, and none. */
export const casts: readonly Kernel[] = [
  defineKernel<{ dtype: string }>({
    name: 'Cast',
    infer: (call): TensorType => {
      const { dtype } = call.attrs;
      if (dtype === 'float32' || dtype === 'int32' || dtype === 'bool')
        return { shape: operand(call, 'x').shape, dtype };
      throw new TfjsOnnxError(
        'TFJS_ONNX_UNSUPPORTED_DTYPE',
        `${describeNode(call)}: expected float32, int32 or bool, got ${dtype}.`,
        { hint: 'Numbers in a graph are of these types: keep the others outside of the function.' },
      );
    },
    lower: (node, l) => {
      lowerElementwise(node, l, [operand(node, 'x')], ([x]) => {
        if (x === undefined) throw new Error('no operand');
        return l.cast(x, result(node).dtype);
      });
    },
  }),
  defineKernel({
    name: 'Identity',
    infer: (call): TensorType => operand(call, 'x'),
    lower: (node, l) => {
      l.alias(result(node), operand(node, 'x'));
    },
    flop: () => 0,
  }),
];
