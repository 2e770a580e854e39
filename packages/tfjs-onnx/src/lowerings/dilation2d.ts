import { backend_util } from '@tensorflow/tfjs-core';
import { sizeOf, type TensorType, type Value } from '../graph/graph.js';
import type { OnnxValue } from '../onnx/onnx-graph.js';
import { defineKernel, operand, result, type Call, type Kernel } from './kernel.js';
import type { Lowering } from './lowering.js';

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
      shape: infoOf(call).outShape,
      dtype: operand(call, 'x').dtype,
    }),
    lower: (node, l) => {
      const out = result(node);
      const sums = tapSums(l, node);
      const [batch = 1, channels = 1, , ...size] = sums.shape;
      const shape = [batch, channels, ...size];
      const largest = l.emit(
        'ReduceMax',
        [sums],
        { axes: [2], keepdims: 0 },
        { shape, dtype: 'float32' },
      );
      l.set(out, l.cast(largest, out.dtype), 'nchw');
    },
    flop: dilationFlop,
  }),
  defineKernel<DilationAttrs>({
    name: 'Dilation2DBackpropInput',
    infer: (call): TensorType => operand(call, 'x'),
    lower: (node, l) => {
      const [x, info] = [operand(node, 'x'), infoOf(node)];
      const planes = [info.batchSize, info.inChannels];
      const [pixels, places] = [info.inHeight * info.inWidth, info.outHeight * info.outWidth];
      const dy = l.reshape(floats(l, operand(node, 'dy')), [...planes, places]);
      const at = l.reshape(sources(l, info, largestTap(l, tapSums(l, node))), [...planes, places]);
      const zeros = l.expand(l.scalar(0, 'float32'), [...planes, pixels]);
      const added = l.emit(
        'ScatterElements',
        [zeros, at, dy],
        { axis: 2, reduction: 'add' },
        { shape: [...planes, pixels], dtype: 'float32' },
      );
      const image = l.reshape(added, [...planes, info.inHeight, info.inWidth]);
      l.set(result(node), l.cast(image, x.dtype), 'nchw');
    },
    flop: dilationFlop,
  }),
  defineKernel<DilationAttrs>({
    name: 'Dilation2DBackpropFilter',
    infer: (call): TensorType => operand(call, 'filter'),
    lower: (node, l) => {
      const [filter, info] = [operand(node, 'filter'), infoOf(node)];
      const taps = info.filterHeight * info.filterWidth;
      const sums = tapSums(l, node);
      const numbers = l.constant(
        [taps, 1, 1],
        'int64',
        Array.from({ length: taps }, (_, tap) => tap),
      );
      const [batch = 1, channels = 1, , ...size] = sums.shape;
      const place = l.reshape(largestTap(l, sums), [batch, channels, 1, ...size]);
      const dy = l.reshape(floats(l, operand(node, 'dy')), [batch, channels, 1, ...size]);
      const hit = l.cast(l.map('Equal', [place, numbers], { dtype: 'bool' }), 'float32'); // [B, C, taps, h, w]
      const total = l.emit(
        'ReduceSum',
        [l.map('Mul', [hit, dy]), l.ints([0, 3, 4])],
        { keepdims: 0 },
        {
          shape: [channels, taps],
          dtype: 'float32',
        },
      );
      const perTap = l.reshape(l.transpose(total, [1, 0]), filter.shape);
      l.set(result(node), l.cast(perTap, filter.dtype));
    },
    flop: dilationFlop,
  }),
];

type Info = ReturnType<typeof backend_util.computeDilation2DInfo>;

function infoOf(call: Call<DilationAttrs>): Info {
  const [b = 1, h = 1, w = 1, c = 1] = operand(call, 'x').shape;
  const [kh = 1, kw = 1, channels = 1] = operand(call, 'filter').shape;
  const { strides, pad, dilations: spread } = call.attrs;
  // tfjs's type leaves out numbers, which its function takes.
  const padding = pad as 'valid';
  return backend_util.computeDilation2DInfo(
    [b, h, w, c],
    [kh, kw, channels],
    strides,
    padding,
    'NHWC',
    spread,
  );
}

/** Image + filter for each tap of the filter: [B, C, taps, h, w]. Padding never is the largest. */
function tapSums(l: Lowering, node: Call<DilationAttrs>): OnnxValue {
  const info = infoOf(node);
  const { padInfo, strideHeight, strideWidth, dilationHeight, dilationWidth } = info;
  const { batchSize, inChannels, outHeight, outWidth, filterHeight, filterWidth } = info;
  const reach = (out: number, stride: number, window: number, spread: number): number =>
    (out - 1) * stride + (window - 1) * spread + 1;
  const height = Math.max(
    reach(outHeight, strideHeight, filterHeight, dilationHeight),
    info.inHeight + padInfo.top,
  );
  const width = Math.max(
    reach(outWidth, strideWidth, filterWidth, dilationWidth),
    info.inWidth + padInfo.left,
  );
  const after = [
    height - info.inHeight - padInfo.top,
    width - info.inWidth - padInfo.left,
  ] as const;
  const padded = l.emit(
    'Pad',
    [
      floats(l, operand(node, 'x')),
      l.ints([0, 0, padInfo.top, padInfo.left, 0, 0, ...after]),
      l.scalar(LOWEST, 'float32'),
    ],
    { mode: 'constant' },
    { shape: [batchSize, inChannels, height, width], dtype: 'float32' },
  );
  const filter = l.transpose(l.cast(l.plain(operand(node, 'filter')), 'float32'), [2, 0, 1]); // [C, kh, kw]
  const taps = filterHeight * filterWidth;
  const parts = Array.from({ length: taps }, (_, tap) => {
    const row = Math.floor(tap / filterWidth) * dilationHeight;
    const column = (tap % filterWidth) * dilationWidth;
    const ends = [
      row + (outHeight - 1) * strideHeight + 1,
      column + (outWidth - 1) * strideWidth + 1,
    ];
    const part = l.emit(
      'Slice',
      [
        padded,
        l.ints([row, column]),
        l.ints(ends),
        l.ints([2, 3]),
        l.ints([strideHeight, strideWidth]),
      ],
      {},
      { shape: [batchSize, inChannels, outHeight, outWidth], dtype: 'float32' },
    );
    return l.reshape(part, [batchSize, inChannels, 1, outHeight, outWidth]);
  });
  const type = {
    shape: [batchSize, inChannels, taps, outHeight, outWidth],
    dtype: 'float32' as const,
  };
  const windows = l.emit('Concat', parts, { axis: 2 }, type);
  return l.map('Add', [windows, l.reshape(filter, [inChannels, taps, 1, 1])]);
}

/** The tap with the largest sum, the first of equals: [B, C, h, w]. */
function largestTap(l: Lowering, sums: OnnxValue): OnnxValue {
  const shape = sums.shape.filter((_, axis) => axis !== 2);
  return l.emit('ArgMax', [sums], { axis: 2, keepdims: 0 }, { shape, dtype: 'int64' });
}

/** Which pixel of the image a tap of each window lies on: row · width + column. */
function sources(l: Lowering, info: Info, tap: OnnxValue): OnnxValue {
  const width = l.scalar(info.filterWidth, 'int64');
  const along = (
    steps: OnnxValue,
    spread: number,
    count: number,
    stride: number,
    before: number,
    shape: number[],
  ): OnnxValue => {
    const starts = Array.from({ length: count }, (_, i) => i * stride - before);
    const moved = l.map('Mul', [steps, l.scalar(spread, 'int64')]);
    return l.map('Add', [moved, l.constant(shape, 'int64', starts)]);
  };
  const { outHeight, outWidth, padInfo } = info;
  const rows = along(
    l.map('Div', [tap, width]),
    info.dilationHeight,
    outHeight,
    info.strideHeight,
    padInfo.top,
    [outHeight, 1],
  );
  const columns = along(
    l.map('Mod', [tap, width]),
    info.dilationWidth,
    outWidth,
    info.strideWidth,
    padInfo.left,
    [outWidth],
  );
  return l.map('Add', [l.map('Mul', [rows, l.scalar(info.inWidth, 'int64')]), columns]);
}

function floats(l: Lowering, value: Value): OnnxValue {
  return l.cast(l.nchw(value), 'float32');
}

function dilationFlop(node: Call<DilationAttrs>): number {
  const info = infoOf(node);
  return 2 * info.filterHeight * info.filterWidth * sizeOf(info.outShape);
}
