import { upcastType } from '@tensorflow/tfjs-core';
import type { TensorType } from '../graph/graph.js';
import { binaryKernel, broadcastShape, lowerElementwise, unaryKernel } from './elementwise.js';
import { defineKernel, operand, type Kernel } from './kernel.js';

const bool = { dtype: () => 'bool' as const };

/** Comparisons, logic on bool tensors, checks for special numbers, and choice by condition. */
export const logic: readonly Kernel[] = [
  binaryKernel('Equal', (l, a, b) => l.map('Equal', [a, b], { dtype: 'bool' }), bool),
  binaryKernel(
    'NotEqual',
    (l, a, b) => l.map('Not', [l.map('Equal', [a, b], { dtype: 'bool' })]),
    bool,
  ),
  binaryKernel('Greater', (l, a, b) => l.map('Greater', [a, b], { dtype: 'bool' }), bool),
  binaryKernel(
    'GreaterEqual',
    (l, a, b) => l.map('GreaterOrEqual', [a, b], { dtype: 'bool' }),
    bool,
  ),
  binaryKernel('Less', (l, a, b) => l.map('Less', [a, b], { dtype: 'bool' }), bool),
  binaryKernel('LessEqual', (l, a, b) => l.map('LessOrEqual', [a, b], { dtype: 'bool' }), bool),
  binaryKernel('LogicalAnd', (l, a, b) => l.map('And', [l.cast(a, 'bool'), l.cast(b, 'bool')]), {
    ...bool,
    bools: true,
  }),
  binaryKernel('LogicalOr', (l, a, b) => l.map('Or', [l.cast(a, 'bool'), l.cast(b, 'bool')]), {
    ...bool,
    bools: true,
  }),
  unaryKernel('LogicalNot', (l, x) => l.map('Not', [l.cast(x, 'bool')]), { ...bool, bools: true }),
  unaryKernel('IsNan', (l, x) => l.map('IsNaN', [l.cast(x, 'float32')], { dtype: 'bool' }), bool),
  unaryKernel('IsInf', (l, x) => l.map('IsInf', [l.cast(x, 'float32')], { dtype: 'bool' }), bool),
  unaryKernel(
    'IsFinite',
    (l, x) => {
      const float = l.cast(x, 'float32');
      const bad = l.map('Or', [
        l.map('IsNaN', [float], { dtype: 'bool' }),
        l.map('IsInf', [float], { dtype: 'bool' }),
      ]);
      return l.map('Not', [bad]);
    },
    bool,
  ),
  defineKernel({
    name: 'Select',
    infer: (call): TensorType => {
      const [condition, t, e] = [
        operand(call, 'condition'),
        operand(call, 't'),
        operand(call, 'e'),
      ];
      const shape = broadcastShape(t.shape, e.shape);
      const dtype = upcastType(t.dtype, e.dtype) as TensorType['dtype'];
      // A list of conditions chooses whole entries of the leading dimension.
      if (condition.shape.length === 1 && shape.length > 1) return { shape, dtype };
      return { shape: broadcastShape(condition.shape, shape), dtype };
    },
    lower: (node, l) => {
      const [condition, t, e] = [
        operand(node, 'condition'),
        operand(node, 't'),
        operand(node, 'e'),
      ];
      const shape = node.outputs[0]?.shape ?? [];
      const dtype = node.outputs[0]?.dtype ?? 'float32';
      if (condition.shape.length === 1 && shape.length > 1) {
        const perRow = l.reshape(l.plain(condition), [
          condition.shape[0] ?? 1,
          ...new Array<number>(shape.length - 1).fill(1),
        ]);
        lowerElementwise(node, l, [t, e], ([yes, no], layout) => {
          if (yes === undefined || no === undefined) throw new Error('no operand');
          const rows = layout === 'plain' ? perRow : l.transpose(perRow, [0, 3, 1, 2]);
          return l.map('Where', [rows, l.cast(yes, dtype), l.cast(no, dtype)], { dtype });
        });
        return;
      }
      lowerElementwise(node, l, [condition, t, e], ([test, yes, no]) => {
        if (test === undefined || yes === undefined || no === undefined)
          throw new Error('no operand');
        return l.map('Where', [l.cast(test, 'bool'), l.cast(yes, dtype), l.cast(no, dtype)], {
          dtype,
        });
      });
    },
  }),
];
