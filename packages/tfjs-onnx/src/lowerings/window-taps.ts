// Windows of an image or a volume taken apart into the places that they cover. Unlike MaxPool's own indices this runs on every runtime.
import { sizeOf } from '../graph/graph.js';
import type { OnnxValue } from '../onnx/onnx-graph.js';
import type { WindowGeometry } from './conv-geometry.js';
import type { Lowering } from './lowering.js';

/**
 * For each place in the window what all windows have there.
 *
 * @param x  channels first: [B, C, ...input]
 * @param fill  what padding holds
 * @returns [B, C, taps, ...output], the last axis of the window fastest
 */
export function windowTaps(l: Lowering, g: WindowGeometry, x: OnnxValue, fill: number): OnnxValue {
  const planes = x.shape.slice(0, 2);
  const after = g.after.map((size) => Math.max(0, size));
  const input = g.input.map((size, i) => (g.before[i] ?? 0) + size + (after[i] ?? 0));
  const padded = [...g.before, ...after].some((size) => size > 0)
    ? l.emit(
        'Pad',
        [x, l.ints([0, 0, ...g.before, 0, 0, ...after]), l.scalar(fill, 'float32')],
        { mode: 'constant' },
        { shape: [...planes, ...input], dtype: 'float32' },
      )
    : x;
  const axes = l.ints(g.kernel.map((_, i) => i + 2));
  const parts = tapOffsets(g).map((offsets) => {
    const ends = offsets.map(
      (start, i) => start + ((g.output[i] ?? 1) - 1) * (g.strides[i] ?? 1) + 1,
    );
    const range = [l.ints(offsets), l.ints(ends), axes, l.ints([...g.strides])];
    const type = { shape: [...planes, ...g.output], dtype: 'float32' as const };
    return l.reshape(l.emit('Slice', [padded, ...range], {}, type), [...planes, 1, ...g.output]);
  });
  const type = { shape: [...planes, parts.length, ...g.output], dtype: 'float32' as const };
  return l.emit('Concat', parts, { axis: 2 }, type);
}

/** The tap with the largest value, the first of equals: [B, C, ...output] int64. */
export function largestTap(l: Lowering, taps: OnnxValue): OnnxValue {
  const shape = taps.shape.filter((_, axis) => axis !== 2);
  return l.emit('ArgMax', [taps], { axis: 2, keepdims: 0 }, { shape, dtype: 'int64' });
}

/** The largest value of all taps: [B, C, ...output]. */
export function largestOfTaps(l: Lowering, taps: OnnxValue): OnnxValue {
  const shape = taps.shape.filter((_, axis) => axis !== 2);
  return l.emit('ReduceMax', [taps], { axes: [2], keepdims: 0 }, { shape, dtype: 'float32' });
}

/** Which pixel of its image a tap of each window is, row by row; padding counts as the nearest pixel. */
export function tapPixels(l: Lowering, g: WindowGeometry, tap: OnnxValue): OnnxValue {
  const whole = (value: number): OnnxValue => l.scalar(value, 'int64');
  const rank = g.kernel.length;
  let pixel: OnnxValue | undefined;
  for (let axis = 0; axis < rank; axis++) {
    const [stride = 1, before = 0, size = 1] = [g.strides[axis], g.before[axis], g.input[axis]];
    const later = sizeOf(g.kernel.slice(axis + 1));
    const step = l.map('Mod', [l.map('Div', [tap, whole(later)]), whole(g.kernel[axis] ?? 1)]);
    const starts = Array.from({ length: g.output[axis] ?? 1 }, (_, i) => i * stride - before);
    const shape = [starts.length, ...g.output.slice(axis + 1).map(() => 1)];
    const at = l.map('Add', [
      l.map('Mul', [step, whole(g.dilations[axis] ?? 1)]),
      l.constant(shape, 'int64', starts),
    ]);
    const inside = l.map('Clip', [at, whole(0), whole(size - 1)]);
    pixel =
      pixel === undefined ? inside : l.map('Add', [l.map('Mul', [pixel, whole(size)]), inside]);
  }
  if (pixel === undefined) throw new Error('a window without axes');
  return pixel;
}

/** Add each window's number to the pixel that it is meant for: [B, C, ...input]. */
export function addedToPixels(
  l: Lowering,
  g: WindowGeometry,
  pixels: OnnxValue,
  numbers: OnnxValue,
): OnnxValue {
  const planes = numbers.shape.slice(0, 2);
  const places = sizeOf(g.output);
  const zeros = l.expand(l.scalar(0, 'float32'), [...planes, sizeOf(g.input)]);
  const lists = [pixels, numbers].map((value) => l.reshape(value, [...planes, places]));
  const added = l.emit('ScatterElements', [zeros, ...lists], { axis: 2, reduction: 'add' }, zeros);
  return l.reshape(added, [...planes, ...g.input]);
}

/** Where each tap of the window lies, the last axis fastest. */
function tapOffsets(g: WindowGeometry): number[][] {
  return g.kernel.reduce<number[][]>(
    (offsets, size, i) =>
      offsets.flatMap((first) =>
        Array.from({ length: size }, (_, next) => [...first, next * (g.dilations[i] ?? 1)]),
      ),
    [[]],
  );
}
