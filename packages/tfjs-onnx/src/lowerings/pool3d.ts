import type { TensorType } from '../graph/graph.js';
import { convFlop, type WindowGeometry } from './conv-geometry.js';
import { defineKernel, operand, result, type Call, type Kernel } from './kernel.js';
import { maxGradient, meanGradient, pooled } from './window-pool.js';
import { channelsFirst, channelsLast, pool3dGeometry, type VolumeAttrs } from './volume.js';

type PoolAttrs = VolumeAttrs & { readonly filterSize: [number, number, number] | number };

/** Largest and mean values of windows in volumes, and the gradients. Padding counts for neither. */
export const volumePools: readonly Kernel[] = [
  pool('MaxPool3D', 'MaxPool'),
  pool('AvgPool3D', 'AveragePool'),
  defineKernel<PoolAttrs>({
    name: 'MaxPool3DGrad',
    infer: (call): TensorType => operand(call, 'input'),
    lower: (node, l) => {
      const [x, dy] = ['input', 'dy'].map((name) => channelsFirst(l, l.plain(operand(node, name))));
      if (x === undefined || dy === undefined) throw new Error('no operand');
      l.set(result(node), channelsLast(l, maxGradient(l, geometryOf(node, 'input'), x, dy)));
    },
  }),
  defineKernel<PoolAttrs>({
    name: 'AvgPool3DGrad',
    infer: (call): TensorType => operand(call, 'input'),
    lower: (node, l) => {
      const dy = channelsFirst(l, l.plain(operand(node, 'dy')));
      l.set(result(node), channelsLast(l, meanGradient(l, geometryOf(node, 'input'), dy)));
    },
    flop: (node) => convFlop(geometryOf(node, 'input'), true),
  }),
];

function pool(name: string, op: 'MaxPool' | 'AveragePool'): Kernel {
  return defineKernel<PoolAttrs>({
    name,
    infer: (call): TensorType => ({ shape: geometryOf(call, 'x').outShape, dtype: 'float32' }),
    lower: (node, l) => {
      const g = geometryOf(node, 'x');
      const x = l.cast(l.plain(operand(node, 'x')), 'float32');
      l.set(result(node), channelsLast(l, pooled(l, g, op, channelsFirst(l, x))));
    },
    flop: (node) => convFlop(geometryOf(node, 'x'), true),
  });
}

function geometryOf(call: Call<PoolAttrs>, name: string): WindowGeometry {
  return pool3dGeometry(operand(call, name).shape, call.attrs);
}
