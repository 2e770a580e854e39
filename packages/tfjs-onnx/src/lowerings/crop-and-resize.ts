import type { TensorType } from '../graph/graph.js';
import { sizeOf } from '../graph/graph.js';
import type { OnnxValue } from '../onnx/onnx-graph.js';
import { defineKernel, operand, result, type Kernel } from './kernel.js';
import type { Lowering } from './lowering.js';
import { between, isInside, pixelsOf, rounded } from './sample-image.js';

interface CropAttrs {
  readonly cropSize: readonly [number, number];
  readonly method: 'bilinear' | 'nearest';
  readonly extrapolationValue: number;
}

/** Boxes cut out of images and resized to one size. */
export const crops: readonly Kernel[] = [
  defineKernel<CropAttrs>({
    name: 'CropAndResize',
    infer: (call): TensorType => {
      const [boxes = 0] = operand(call, 'boxes').shape;
      const channels = operand(call, 'image').shape[3] ?? 1;
      return { shape: [boxes, ...call.attrs.cropSize, channels], dtype: 'float32' };
    },
    lower: (node, l) => {
      const images = l.cast(l.plain(operand(node, 'image')), 'float32');
      const boxes = l.plain(operand(node, 'boxes')); // [N, (y1, x1, y2, x2)]
      const { cropSize, method, extrapolationValue } = node.attrs;
      const [batch = 1, height = 1, width = 1] = images.shape;
      const [count = 0] = boxes.shape;
      const image = l.reshape(l.cast(l.plain(operand(node, 'boxInd')), 'int64'), [count, 1, 1]);
      const rows = l.reshape(coordinates(l, boxes, 0, cropSize[0], height), [
        count,
        cropSize[0],
        1,
      ]);
      const columns = l.reshape(coordinates(l, boxes, 1, cropSize[1], width), [
        count,
        1,
        cropSize[1],
      ]);
      const read = (row: OnnxValue, column: OnnxValue): OnnxValue =>
        pixelsOf(l, images, image, row, column);
      const value =
        method === 'nearest'
          ? read(rounded(l, rows), rounded(l, columns))
          : bilinear(l, rows, columns, read);
      const inside = l.map('And', [isInside(l, rows, height), isInside(l, columns, width)]);
      const shown = l.map(
        'Where',
        [
          l.reshape(inside, [count, ...cropSize, 1]),
          value,
          l.scalar(extrapolationValue, 'float32'),
        ],
        { dtype: 'float32' },
      );
      // Boxes of images that do not exist stay empty.
      const exists = l.map('Less', [image, l.scalar(batch, 'int64')], { dtype: 'bool' });
      const box = l.reshape(exists, [count, 1, 1, 1]);
      l.set(
        result(node),
        l.map('Where', [box, shown, l.scalar(0, 'float32')], { dtype: 'float32' }),
      );
    },
    flop: (node) => 8 * sizeOf(result(node).shape),
  }),
];

/**
 * Positions along one axis: evenly from a box's start to its end, both included, or its middle if there is one only.
 *
 * Written as start · (1 − t) + end · t, which is exact at both ends: a box that ends on the edge stays inside.
 */
function coordinates(
  l: Lowering,
  boxes: OnnxValue,
  axis: 0 | 1,
  to: number,
  size: number,
): OnnxValue {
  const [count = 0] = boxes.shape;
  const corner = (i: number): OnnxValue =>
    l.emit(
      'Slice',
      [boxes, l.ints([i]), l.ints([i + 1]), l.ints([1])],
      {},
      {
        shape: [count, 1],
        dtype: 'float32',
      },
    );
  const steps = Float32Array.from({ length: to }, (_, i) => (to > 1 ? i / (to - 1) : 0.5));
  const toEnd = l.constant([to], 'float32', steps);
  const toStart = l.constant(
    [to],
    'float32',
    steps.map((share) => 1 - share),
  );
  const place = l.map('Add', [
    l.map('Mul', [corner(axis), toStart]),
    l.map('Mul', [corner(axis + 2), toEnd]),
  ]);
  return l.map('Mul', [place, l.scalar(size - 1, 'float32')]);
}

function bilinear(
  l: Lowering,
  rows: OnnxValue,
  columns: OnnxValue,
  read: (row: OnnxValue, column: OnnxValue) => OnnxValue,
): OnnxValue {
  const [top, left] = [l.map('Floor', [rows]), l.map('Floor', [columns])];
  const [bottom, right] = [l.map('Ceil', [rows]), l.map('Ceil', [columns])];
  const down = l.reshape(l.map('Sub', [rows, top]), [...rows.shape, 1]);
  const across = l.reshape(l.map('Sub', [columns, left]), [...columns.shape, 1]);
  const upper = between(l, read(top, left), read(top, right), across);
  const lower = between(l, read(bottom, left), read(bottom, right), across);
  return between(l, upper, lower, down);
}
