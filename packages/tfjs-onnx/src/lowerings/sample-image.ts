// Reading the pixels of images at positions that are worked out in the graph.
import type { OnnxValue } from '../onnx/onnx-graph.js';
import type { Lowering } from './lowering.js';

/**
 * The pixels at the given rows and columns of images chosen by number; those outside are moved to the nearest edge.
 *
 * @param images  [B, H, W, C]
 * @param chosen  which image, int64; broadcasts with rows and columns, whole float32 numbers
 * @returns the positions' shape, then channels
 */
export function pixelsOf(
  l: Lowering,
  images: OnnxValue,
  chosen: OnnxValue,
  row: OnnxValue,
  column: OnnxValue,
): OnnxValue {
  const [batch = 1, height = 1, width = 1, channels = 1] = images.shape;
  const first = l.map('Mul', [inside(l, chosen, batch), l.scalar(height * width, 'int64')]);
  const index = l.map('Add', [first, pixelNumber(l, images, row, column)]);
  const list = l.reshape(images, [batch * height * width, channels]);
  const type = { shape: [...index.shape, channels], dtype: images.dtype };
  return l.emit('Gather', [list, index], { axis: 0 }, type);
}

/**
 * The same of each image: the positions [1 or B, h, w] are those in every image, or in the one of their number.
 *
 * @returns [B, h, w, C]
 */
export function pixelsOfEach(
  l: Lowering,
  images: OnnxValue,
  row: OnnxValue,
  column: OnnxValue,
): OnnxValue {
  const [batch = 1, height = 1, width = 1, channels = 1] = images.shape;
  const number = pixelNumber(l, images, row, column);
  const [, h = 1, w = 1] = number.shape;
  const index = l.reshape(l.expand(number, [batch, h, w]), [batch, h * w, 1]);
  const list = l.reshape(images, [batch, height * width, channels]);
  const type = { shape: [batch, h * w, channels], dtype: images.dtype };
  const pixels = l.emit('GatherND', [list, index], { batch_dims: 1 }, type);
  return l.reshape(pixels, [batch, h, w, channels]);
}

/** Row · width + column, int64. */
function pixelNumber(l: Lowering, images: OnnxValue, row: OnnxValue, column: OnnxValue): OnnxValue {
  const [, height = 1, width = 1] = images.shape;
  const whole = (x: OnnxValue, size: number): OnnxValue => l.cast(inside(l, x, size), 'int64');
  const start = l.map('Mul', [whole(row, height), l.scalar(width, 'int64')]);
  return l.map('Add', [start, whole(column, width)]);
}

function inside(l: Lowering, x: OnnxValue, size: number): OnnxValue {
  return l.map('Clip', [x, l.scalar(0, x.dtype), l.scalar(size - 1, x.dtype)]);
}

/** Whether a coordinate lies in [0, size − 1]. */
export function isInside(l: Lowering, x: OnnxValue, size: number): OnnxValue {
  return l.map('And', [
    l.map('GreaterOrEqual', [x, l.scalar(0, 'float32')], { dtype: 'bool' }),
    l.map('LessOrEqual', [x, l.scalar(size - 1, 'float32')], { dtype: 'bool' }),
  ]);
}

/** The nearest whole number; halves go up, as in JavaScript. */
export function rounded(l: Lowering, x: OnnxValue): OnnxValue {
  return l.map('Floor', [l.map('Add', [x, l.scalar(0.5, 'float32')])]);
}

/** a · (1 − share) + b · share */
export function between(l: Lowering, a: OnnxValue, b: OnnxValue, share: OnnxValue): OnnxValue {
  return l.map('Add', [a, l.map('Mul', [l.map('Sub', [b, a]), share])]);
}
