import { util } from '@tensorflow/tfjs-core';
import { sizeOf, type TensorType } from '../graph/graph.js';
import type { OnnxValue } from '../onnx/onnx-graph.js';
import {
  checkWindows,
  convFlop,
  poolGeometry,
  type ConvAttrs,
  type WindowGeometry,
} from './conv-geometry.js';
import { checked, defineKernel, operand, result, type Kernel } from './kernel.js';
import type { Lowering } from './lowering.js';
import { maxGradient, meanGradient, pooled } from './window-pool.js';
import { largestOfTaps, largestTap, tapPixels, windowTaps } from './window-taps.js';

type PoolAttrs = ConvAttrs & { readonly filterSize: [number, number] | number };

/** Largest and mean values of windows, and the gradients. Padding counts for neither. */
export const pools: readonly Kernel[] = [
  pool('MaxPool', 'MaxPool'),
  pool('AvgPool', 'AveragePool'),
  defineKernel<PoolAttrs>({
    name: 'MaxPoolGrad',
    infer: (call): TensorType => operand(call, 'input'),
    lower: (node, l) => {
      const g = poolGeometry(operand(node, 'input').shape, node.attrs);
      l.set(
        result(node),
        maxGradient(l, g, l.nchw(operand(node, 'input')), l.nchw(operand(node, 'dy'))),
        'nchw',
      );
    },
  }),
  defineKernel<PoolAttrs>({
    name: 'AvgPoolGrad',
    infer: (call): TensorType => operand(call, 'input'),
    lower: (node, l) => {
      const g = poolGeometry(operand(node, 'input').shape, node.attrs);
      l.set(result(node), meanGradient(l, g, l.nchw(operand(node, 'dy'))), 'nchw');
    },
    flop: (node) => convFlop(poolGeometry(operand(node, 'input').shape, node.attrs), true),
  }),
  defineKernel<PoolAttrs & { includeBatchInIndex: boolean }>({
    name: 'MaxPoolWithArgmax',
    infer: (call): TensorType[] => {
      const x = operand(call, 'x');
      const rank = x.shape.length;
      checked(call, () => util.assert(rank === 4, () => `expected rank 4, got rank ${rank}.`));
      const shape = poolGeometry(x.shape, call.attrs).outShape;
      return [
        { shape, dtype: x.dtype },
        { shape, dtype: 'int32' },
      ];
    },
    lower: (node, l) => {
      const x = operand(node, 'x');
      const [largest, places] = node.outputs;
      if (largest === undefined || places === undefined) throw new Error('two outputs');
      const g = poolGeometry(x.shape, node.attrs);
      const image = l.cast(l.nchw(x), 'float32');
      const none = l.map('IsNaN', [image], { dtype: 'bool' });
      const lowest = l.scalar(-Infinity, 'float32');
      const numbers = l.map('Where', [none, lowest, image], { dtype: 'float32' });
      const taps = windowTaps(l, g, numbers, -Infinity);
      const pixels = tapPixels(l, g, largestTap(l, taps)); // [B, C, h, w]
      l.set(largest, l.cast(largestOfTaps(l, taps), largest.dtype), 'nchw');
      const withBatch = node.attrs.includeBatchInIndex;
      l.set(places, l.cast(channelsLastIndex(l, g, pixels, withBatch), 'int32'), 'nchw');
    },
  }),
];

function pool(name: string, op: 'MaxPool' | 'AveragePool'): Kernel {
  return defineKernel<PoolAttrs>({
    name,
    infer: (call): TensorType => {
      const x = operand(call, 'x');
      const g = poolGeometry(x.shape, call.attrs);
      checkWindows(call, g);
      return { shape: g.outShape, dtype: x.dtype };
    },
    lower: (node, l) => {
      const [x, out] = [operand(node, 'x'), result(node)];
      const g = poolGeometry(x.shape, node.attrs);
      l.set(out, l.cast(pooled(l, g, op, l.cast(l.nchw(x), 'float32')), out.dtype), 'nchw');
    },
    flop: (node) => convFlop(poolGeometry(operand(node, 'x').shape, node.attrs), true),
  });
}

/** From pixels of each channel to places in [B, H, W, C], or in [H, W, C] of each image. */
function channelsLastIndex(
  l: Lowering,
  g: WindowGeometry,
  pixels: OnnxValue,
  withBatch: boolean,
): OnnxValue {
  const count = (length: number): number[] => Array.from({ length }, (_, i) => i);
  const channels = l.constant([g.inChannels, 1, 1], 'int64', count(g.inChannels));
  const inImage = l.map('Add', [l.map('Mul', [pixels, l.scalar(g.inChannels, 'int64')]), channels]);
  if (!withBatch) return inImage;
  const size = sizeOf(g.input) * g.inChannels;
  const starts = count(g.batch).map((image) => image * size);
  return l.map('Add', [inImage, l.constant([g.batch, 1, 1, 1], 'int64', starts)]);
}
