import type { TensorType } from '../graph/graph.js';
import { lowerElementwise } from './elementwise.js';
import { defineKernel, operand, result, type Kernel } from './kernel.js';

/** Batch normalisation by given statistics: (x − mean) / √(variance + ε) · scale + offset. */
export const batchNorms: readonly Kernel[] = [
  defineKernel<{ varianceEpsilon: number }>({
    name: 'FusedBatchNorm',
    infer: (call): TensorType => operand(call, 'x'),
    lower: (node, l) => {
      const { scale, offset } = node.inputs;
      const names = ['x', 'mean', 'variance'].map((name) => operand(node, name));
      const optional = [scale, offset].flatMap((value) => value ?? []);
      lowerElementwise(node, l, [...names, ...optional], ([x, mean, variance, ...rest]) => {
        if (x === undefined || mean === undefined || variance === undefined)
          throw new Error('no operand');
        const gain = scale === undefined ? undefined : rest[0];
        const shift = offset === undefined ? undefined : rest.at(-1);
        // Everything but the last product and sum is on one number per channel.
        const deviation = l.map('Sqrt', [
          l.map('Add', [variance, l.scalar(node.attrs.varianceEpsilon, 'float32')]),
        ]);
        const factor =
          gain === undefined ? l.map('Reciprocal', [deviation]) : l.map('Div', [gain, deviation]);
        const scaled = l.map('Mul', [l.map('Sub', [x, mean]), factor]);
        return shift === undefined ? scaled : l.map('Add', [scaled, shift]);
      });
    },
    flop: (node) => 4 * result(node).shape.reduce((a, b) => a * b, 1),
  }),
];
