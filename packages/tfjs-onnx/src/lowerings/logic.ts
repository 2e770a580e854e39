import { upcastType } from '@tensorflow/tfjs-core';
import type { TensorType } from '../graph/graph.js';
import { binaryKernel, broadcastShape, lowerElementwise, unaryKernel } from './elementwise.js';
import { defineKernel, operand, result, type Kernel } from './kernel.js';

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
      const shape = broadcastShape(condition.shape, broadcastShape(t.shape, e.shape));
      return { shape, dtype: upcastType(t.dtype, e.dtype) as TensorType['dtype'] };
    },
    lower: (node, l) => {
      const { dtype } = result(node);
      const operands = [operand(node, 'condition'), operand(node, 't'), operand(node, 'e')];
      lowerElementwise(node, l, operands, ([test, yes, no]) => {
        if (test === undefined || yes === undefined || no === undefined)
          throw new Error('no operand');
        const worked = dtype === 'bool' ? 'int32' : dtype; // ONNX Runtime has no Where on bool
        return l.cast(
          l.map('Where', [l.cast(test, 'bool'), l.cast(yes, worked), l.cast(no, worked)], {
            dtype: worked,
          }),
          dtype,
        );
      });
    },
  }),
];
