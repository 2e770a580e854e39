import { backend_util } from '@tensorflow/tfjs-core';
import { sizeOf, type TensorType, type Value } from '../graph/graph.js';
import type { OnnxValue } from '../onnx/onnx-graph.js';
import type { WindowGeometry } from './conv-geometry.js';
import { defineKernel, operand, result, type Call, type Kernel } from './kernel.js';
import type { Lowering } from './lowering.js';
import { addedToPixels, largestOfTaps, largestTap, tapPixels, windowTaps } from './window-taps.js';

type Pair = [number, number] | number;

interface DilationAttrs {
  readonly strides: Pair;
  readonly pad: 'valid' | 'same' | number;
  readonly dilations: Pair;
}

/** Below every sum that counts, and far enough from the end of float32 that adding a filter keeps it finite. */
const LOWEST = -1e38;

/** Greyscale dilation: the largest of image + filter under a filter that moves over the image, and the gradients. */
export const dilations: readonly Kernel[] = [
  defineKernel<DilationAttrs>({
    name: 'Dilation2D',
    infer: (call): TensorType => ({
      shape: geometryOf(call).outShape,
      dtype: operand(call, 'x').dtype,
    }),
    lower: (node, l) => {
      const out = result(node);
      l.set(out, l.cast(largestOfTaps(l, sums(l, node)), out.dtype), 'nchw');
    },
    flop: dilationFlop,
  }),
  defineKernel<DilationAttrs>({
    name: 'Dilation2DBackpropInput',
    infer: (call): TensorType => operand(call, 'x'),
    lower: (node, l) => {
      const [x, g] = [operand(node, 'x'), geometryOf(node)];
      const pixels = tapPixels(l, g, largestTap(l, sums(l, node)));
      const dx = addedToPixels(l, g, pixels, floats(l, operand(node, 'dy')));
      l.set(result(node), l.cast(dx, x.dtype), 'nchw');
    },
    flop: dilationFlop,
  }),
  defineKernel<DilationAttrs>({
    name: 'Dilation2DBackpropFilter',
    infer: (call): TensorType => operand(call, 'filter'),
    lower: (node, l) => {
      const filter = operand(node, 'filter');
      const all = sums(l, node);
      const [batch = 1, channels = 1, taps = 1, ...size] = all.shape;
      const count = Array.from({ length: taps }, (_, tap) => tap);
      const numbers = l.constant([taps, 1, 1], 'int64', count);
      const place = l.reshape(largestTap(l, all), [batch, channels, 1, ...size]);
      const dy = l.reshape(floats(l, operand(node, 'dy')), [batch, channels, 1, ...size]);
      const hit = l.cast(l.map('Equal', [place, numbers], { dtype: 'bool' }), 'float32'); // [B, C, taps, h, w]
      const inputs = [l.map('Mul', [hit, dy]), l.ints([0, 3, 4])];
      const type = { shape: [channels, taps], dtype: 'float32' as const };
      const total = l.emit('ReduceSum', inputs, { keepdims: 0 }, type);
      const perTap = l.reshape(l.transpose(total, [1, 0]), filter.shape);
      l.set(result(node), l.cast(perTap, filter.dtype));
    },
    flop: dilationFlop,
  }),
];

function geometryOf(call: Call<DilationAttrs>): WindowGeometry {
  const [b = 1, h = 1, w = 1, c = 1] = operand(call, 'x').shape;
  const [kh = 1, kw = 1, depth = 1] = operand(call, 'filter').shape;
  const { strides, pad, dilations: spread } = call.attrs;
  const info = backend_util.computeDilation2DInfo(
    [b, h, w, c],
    [kh, kw, depth],
    strides,
    pad as 'valid', // tfjs's type leaves out numbers, which its function takes
    'NHWC',
    spread,
  );
  const output = [info.outHeight, info.outWidth];
  const steps = [info.strideHeight, info.strideWidth];
  const before = [info.padInfo.top, info.padInfo.left];
  const reach = [info.effectiveFilterHeight, info.effectiveFilterWidth];
  return {
    batch: b,
    inChannels: c,
    outChannels: c,
    input: [h, w],
    output,
    kernel: [kh, kw],
    strides: steps,
    dilations: [info.dilationHeight, info.dilationWidth],
    before,
    after: output.map(
      (size, i) =>
        (size - 1) * (steps[i] ?? 1) + (reach[i] ?? 1) - ([h, w][i] ?? 1) - (before[i] ?? 0),
    ),
    outShape: info.outShape,
  };
}

/** Image + filter for each tap of the filter: [B, C, taps, h, w]. Padding never is the largest. */
function sums(l: Lowering, node: Call<DilationAttrs>): OnnxValue {
  const taps = windowTaps(l, geometryOf(node), floats(l, operand(node, 'x')), LOWEST);
  const [, channels = 1, count = 1] = taps.shape;
  const filter = l.transpose(l.cast(l.plain(operand(node, 'filter')), 'float32'), [2, 0, 1]); // [C, kh, kw]
  return l.map('Add', [taps, l.reshape(filter, [channels, count, 1, 1])]);
}

function floats(l: Lowering, value: Value): OnnxValue {
  return l.cast(l.nchw(value), 'float32');
}

function dilationFlop(node: Call<DilationAttrs>): number {
  const g = geometryOf(node);
  return 2 * sizeOf(g.kernel) * sizeOf(g.outShape);
}
