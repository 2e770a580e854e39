// Resizing is linear and works on rows and columns apart, so it is two matrix products with fixed matrices, and its gradient the
// two transposed ones. That is the same on every ONNX engine, to first and second order and in either layout.
import type { TensorType, Value } from '../graph/graph.js';
import type { OnnxValue } from '../onnx/onnx-graph.js';
import { defineKernel, operand, result, type Call, type Kernel } from './kernel.js';
import type { Lowering } from './lowering.js';

interface ResizeAttrs {
  readonly alignCorners: boolean;
  readonly halfPixelCenters: boolean;
}

type Sizes = ResizeAttrs & { readonly size: readonly [number, number] };

/** How the output's pixels are made from the input's: [output, input], row-major. */
type Weigh = (from: number, to: number, attrs: ResizeAttrs) => Float32Array;

/** Resizing of images, and the gradients. */
export const resizes: readonly Kernel[] = [
  resize('ResizeBilinear', bilinearWeights),
  resizeGradient('ResizeBilinearGrad', bilinearWeights),
  resize('ResizeNearestNeighbor', nearestWeights),
  resizeGradient('ResizeNearestNeighborGrad', nearestWeights),
];

function resize(name: string, weigh: Weigh): Kernel {
  return defineKernel<Sizes>({
    name,
    infer: (call): TensorType => {
      const { shape, dtype } = operand(call, 'images');
      const [batch = 1, , , channels = 1] = shape;
      const type = name === 'ResizeBilinear' ? 'float32' : dtype;
      return { shape: [batch, ...call.attrs.size, channels], dtype: type };
    },
    lower: (node, l) => {
      const [images, out] = [operand(node, 'images'), result(node)];
      const [, height = 1, width = 1] = images.shape;
      const [rows, columns] = node.attrs.size;
      applyMatrices(
        l,
        images,
        out,
        weigh(height, rows, node.attrs),
        weigh(width, columns, node.attrs),
      );
    },
    flop: (node) => resizeFlop(operand(node, 'images'), result(node)),
  });
}

function resizeGradient(name: string, weigh: Weigh): Kernel {
  return defineKernel<ResizeAttrs>({
    name,
    infer: (call: Call<ResizeAttrs>): TensorType => ({
      shape: operand(call, 'images').shape,
      dtype: 'float32',
    }),
    lower: (node, l) => {
      const [dy, out] = [operand(node, 'dy'), result(node)];
      const [, height = 1, width = 1] = out.shape;
      const [, rows = 1, columns = 1] = dy.shape;
      const forRows = transposed(weigh(height, rows, node.attrs), rows, height);
      applyMatrices(
        l,
        dy,
        out,
        forRows,
        transposed(weigh(width, columns, node.attrs), columns, width),
      );
    },
    flop: (node) => resizeFlop(operand(node, 'dy'), result(node)),
  });
}

function applyMatrices(
  l: Lowering,
  x: Value,
  out: Value,
  forRows: Float32Array,
  forColumns: Float32Array,
): void {
  const [batch = 1, height = 1, width = 1, channels = 1] = x.shape;
  const [, rows = 1, columns = 1] = out.shape;
  const float = (value: OnnxValue): OnnxValue => l.cast(value, 'float32');
  const matMul = (a: OnnxValue, b: OnnxValue, shape: number[]): OnnxValue =>
    l.emit('MatMul', [a, b], {}, { shape, dtype: 'float32' });
  const rowMatrix = l.constant([rows, height], 'float32', forRows);
  if (l.commonLayout([x]) === 'nchw') {
    const columnMatrix = l.constant(
      [width, columns],
      'float32',
      transposed(forColumns, columns, width),
    );
    const wide = matMul(float(l.nchw(x)), columnMatrix, [batch, channels, height, columns]);
    l.set(
      out,
      l.cast(matMul(rowMatrix, wide, [batch, channels, rows, columns]), out.dtype),
      'nchw',
    );
    return;
  }
  const columnMatrix = l.constant([columns, width], 'float32', forColumns);
  const lines = l.reshape(float(l.plain(x)), [batch, height, width * channels]);
  const tall = matMul(rowMatrix, lines, [batch, rows, width * channels]);
  const resized = matMul(columnMatrix, l.reshape(tall, [batch, rows, width, channels]), [
    batch,
    rows,
    columns,
    channels,
  ]);
  l.set(out, l.cast(resized, out.dtype));
}

function bilinearWeights(from: number, to: number, attrs: ResizeAttrs): Float32Array {
  const weights = new Float32Array(to * from);
  for (let i = 0; i < to; i++) {
    const at = attrs.halfPixelCenters
      ? scaleOf(from, to, attrs) * (i + 0.5) - 0.5
      : scaleOf(from, to, attrs) * i;
    const low = Math.max(0, Math.floor(at));
    const high = Math.min(from - 1, Math.ceil(at));
    const share = high === low ? 0 : at - low;
    weights[i * from + low] = (weights[i * from + low] ?? 0) + 1 - share;
    weights[i * from + high] = (weights[i * from + high] ?? 0) + share;
  }
  return weights;
}

function nearestWeights(from: number, to: number, attrs: ResizeAttrs): Float32Array {
  const weights = new Float32Array(to * from);
  for (let i = 0; i < to; i++) {
    const at = scaleOf(from, to, attrs) * (attrs.halfPixelCenters ? i + 0.5 : i);
    const nearest = Math.min(from - 1, attrs.alignCorners ? Math.round(at) : Math.floor(at));
    weights[i * from + Math.max(0, nearest)] = 1;
  }
  return weights;
}

function scaleOf(from: number, to: number, { alignCorners }: ResizeAttrs): number {
  return alignCorners && to > 1 ? (from - 1) / (to - 1) : from / to;
}

function transposed(matrix: Float32Array, rows: number, columns: number): Float32Array {
  return Float32Array.from(
    matrix,
    (_, i) => matrix[(i % rows) * columns + Math.floor(i / rows)] ?? 0,
  );
}

function resizeFlop(x: Value, out: Value): number {
  const [batch = 1, height = 1, width = 1, channels = 1] = x.shape;
  const [, rows = 1, columns = 1] = out.shape;
  return 2 * batch * channels * rows * width * (height + columns);
}
