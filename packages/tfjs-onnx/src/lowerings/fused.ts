import { fusedActivation } from '../graph/expand-fused.js';
import type { TensorType } from '../graph/graph.js';
import { convGeometry, type ConvAttrs } from './conv-geometry.js';
import { defineKernel, operand, type Call, type Kernel } from './kernel.js';
import { requireSameInner } from './mat-mul.js';

/** Kernels with bias and activation built in. `simplify` takes them apart, so they have types but no lowering. */
export const fusedKernels: readonly Kernel[] = [
  fused<{ transposeA: boolean; transposeB: boolean }>('_FusedMatMul', (call) => {
    requireSameInner(call);
    const rows = operand(call, 'a').shape.at(call.attrs.transposeA ? -1 : -2) ?? 1;
    const columns = operand(call, 'b').shape.at(call.attrs.transposeB ? -2 : -1) ?? 1;
    return [...operand(call, 'a').shape.slice(0, -2), rows, columns];
  }),
  fused<ConvAttrs>('FusedConv2D', (call) => convShape(call, false)),
  fused<ConvAttrs>('FusedDepthwiseConv2D', (call) => convShape(call, true)),
];

function fused<A>(name: string, shapeOf: (call: Call<A>) => readonly number[]): Kernel {
  return defineKernel<A>({
    name,
    infer: (call): TensorType => {
      fusedActivation(call as Call);
      return { shape: shapeOf(call), dtype: 'float32' };
    },
    lower: () => {
      throw new Error(`${name} was not taken apart`);
    },
  });
}

function convShape(call: Call<ConvAttrs>, depthwise: boolean): readonly number[] {
  return convGeometry(
    operand(call, 'x').shape,
    operand(call, 'filter').shape,
    call.attrs,
    depthwise,
  ).outShape;
}
