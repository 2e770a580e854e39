// Reading the pixels of images at positions that are worked out in the graph.
import type { OnnxValue } from '../onnx/onnx-graph.js';
import type { Lowering } from './lowering.js';

/** Where to read: all three broadcast to one shape; rows and columns are whole float32 numbers. */
export interface Positions {
  /** Which image, int64. */
  readonly image: OnnxValue;
  readonly row: OnnxValue;
  readonly column: OnnxValue;
}

/**
 * The pixels at the given positions; those outside of the images are moved to the nearest edge.
 *
 * @param images  [B, H, W, C]
 * @returns the positions' shape, then channels
 */
export function pixelsAt(l: Lowering, images: OnnxValue, at: Positions): OnnxValue {
  const [batch = 1, height = 1, width = 1, channels = 1] = images.shape;
  const inside = (x: OnnxValue, size: number): OnnxValue =>
    l.map('Clip', [x, l.scalar(0, x.dtype), l.scalar(size - 1, x.dtype)]);
  const whole = (x: OnnxValue, size: number): OnnxValue => l.cast(inside(x, size), 'int64');
  const rows = l.map('Add', [
    l.map('Mul', [inside(at.image, batch), l.scalar(height, 'int64')]),
    whole(at.row, height),
  ]);
  const index = l.map('Add', [
    l.map('Mul', [rows, l.scalar(width, 'int64')]),
    whole(at.column, width),
  ]);
  const list = l.reshape(images, [batch * height * width, channels]);
  const type = { shape: [...index.shape, channels], dtype: images.dtype };
  return l.emit('Gather', [list, index], { axis: 0 }, type);
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
