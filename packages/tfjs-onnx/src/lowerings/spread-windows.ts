// The gradient of windows that move in steps, without a transposed convolution: ONNX Runtime's provider for GPUs has none of volumes, and
// its one with groups gives wrong numbers.
import { sizeOf } from '../graph/graph.js';
import type { OnnxValue } from '../onnx/onnx-graph.js';
import type { WindowGeometry } from './conv-geometry.js';
import type { Lowering } from './lowering.js';

/**
 * Convolve the gradient of the result, with zeros between where the windows moved in steps, to the size of the input.
 *
 * @param dy  [B, out, ...output]
 * @param turned  the filter turned around: [in, out / groups, ...kernel]
 * @returns [B, in, ...input]
 */
export function spreadWindows(
  l: Lowering,
  g: WindowGeometry,
  dy: OnnxValue,
  turned: OnnxValue,
  groups = 1,
): OnnxValue {
  const reach = g.kernel.map((size, i) => (size - 1) * (g.dilations[i] ?? 1));
  const rest = (pads: readonly number[]): number[] => reach.map((size, i) => size - (pads[i] ?? 0));
  const [before, after] = [rest(g.before), rest(g.after)];
  const image = cropped(l, zerosBetween(l, dy, g.strides), before, after);
  const attrs = {
    kernel_shape: [...g.kernel],
    dilations: [...g.dilations],
    pads: [...before, ...after].map((size) => Math.max(0, size)),
    group: groups,
  };
  const [batch = 1] = dy.shape;
  const [channels = 1] = turned.shape;
  const type = { shape: [batch, channels, ...g.input], dtype: 'float32' as const };
  return l.emit('Conv', [image, turned], attrs, type);
}

/** Without the rows that only ever saw padding, where the padding is larger than the window's reach. */
function cropped(
  l: Lowering,
  x: OnnxValue,
  before: readonly number[],
  after: readonly number[],
): OnnxValue {
  const size = x.shape.slice(2);
  const starts = before.map((pad) => Math.max(0, -pad));
  const ends = size.map((length, i) => length - Math.max(0, -(after[i] ?? 0)));
  if (starts.every((start) => start === 0) && ends.every((end, i) => end === size[i])) return x;
  const shape = [...x.shape.slice(0, 2), ...ends.map((end, i) => end - (starts[i] ?? 0))];
  const range = [l.ints(starts), l.ints(ends), l.ints(size.map((_, i) => i + 2))];
  return l.emit('Slice', [x, ...range], {}, { shape, dtype: x.dtype });
}

/** `step − 1` zeros between neighbours along each spatial axis. */
function zerosBetween(l: Lowering, x: OnnxValue, steps: readonly number[]): OnnxValue {
  let value = x;
  steps.forEach((step, i) => {
    const axis = i + 2;
    const size = value.shape[axis] ?? 1;
    if (step === 1 || size === 1) return;
    const [before, after] = [value.shape.slice(0, axis), value.shape.slice(axis + 1)];
    const split = l.reshape(value, [sizeOf(before) * size, 1, sizeOf(after)]);
    const padded = l.emit(
      'Pad',
      [split, l.ints([0, 0, 0, 0, step - 1, 0]), l.scalar(0, 'float32')],
      { mode: 'constant' },
      { shape: [sizeOf(before) * size, step, sizeOf(after)], dtype: 'float32' },
    );
    const joined = l.reshape(padded, [...before, size * step, ...after]);
    const end = (size - 1) * step + 1;
    const shape = [...before, end, ...after];
    const range = [l.ints([0]), l.ints([end]), l.ints([axis])];
    value = l.emit('Slice', [joined, ...range], {}, { shape, dtype: 'float32' });
  });
  return value;
}
