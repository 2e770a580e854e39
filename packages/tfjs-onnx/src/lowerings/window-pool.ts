// Pools of images and volumes with channels first.
import { sizeOf } from '../graph/graph.js';
import type { OnnxValue } from '../onnx/onnx-graph.js';
import { transposedAttrs } from './conv2d.js';
import { convAttrs, type WindowGeometry } from './conv-geometry.js';
import type { Lowering } from './lowering.js';
import { spreadWindows } from './spread-windows.js';
import { addedToPixels, largestTap, tapPixels, windowTaps } from './window-taps.js';

/** The largest or the mean value of each window; padding counts for neither, and a window of padding alone has the mean 0. */
export function pooled(
  l: Lowering,
  g: WindowGeometry,
  op: 'MaxPool' | 'AveragePool',
  x: OnnxValue,
): OnnxValue {
  // tfjs gives back the image itself here, also where padding would move it.
  if (g.kernel.every((size) => size === 1) && g.output.every((size, i) => size === g.input[i]))
    return x;
  const type = { shape: [g.batch, g.outChannels, ...g.output], dtype: 'float32' as const };
  if (!isWide(g)) return l.emit(op, [x], convAttrs(g, { dilations: false }), type);
  if (op === 'MaxPool') {
    const wide = withPadding(l, g, x, -Infinity);
    return l.emit(op, [wide.x], convAttrs(wide.g, { dilations: false }), type);
  }
  // Each channel of each image on its own, as runtimes for GPUs have no groups of volumes.
  const planes = l.reshape(x, [g.batch * g.inChannels, 1, ...g.input]);
  const inputs = [planes, ones(l, g)];
  const sums = l.emit('Conv', inputs, convAttrs(g, { dilations: false }), {
    shape: [g.batch * g.inChannels, 1, ...g.output],
    dtype: 'float32',
  });
  const shares = l.constant([1, 1, ...g.output], 'float32', windowShares(g));
  return l.map('Mul', [l.reshape(sums, type.shape), shares]);
}

/** Send each gradient to the place that its window's largest value came from; the first one of equals, as in tfjs. */
export function maxGradient(
  l: Lowering,
  g: WindowGeometry,
  x: OnnxValue,
  dy: OnnxValue,
): OnnxValue {
  if ([...g.before, ...g.after].some((size) => size > 0)) {
    const wide = withPadding(l, g, x, -Infinity);
    const gradient = maxGradient(l, wide.g, wide.x, dy);
    const ends = g.before.map((size, i) => size + (g.input[i] ?? 1));
    const axes = g.before.map((_, i) => i + 2);
    const cut = [l.ints([...g.before]), l.ints(ends), l.ints(axes)];
    return l.emit('Slice', [gradient, ...cut], {}, { shape: x.shape, dtype: 'float32' });
  }
  const tap = largestTap(l, windowTaps(l, g, x, -Infinity));
  return addedToPixels(l, g, tapPixels(l, g, tap), dy);
}

/** Spread each gradient evenly over the part of its window that lies on the image. */
export function meanGradient(l: Lowering, g: WindowGeometry, dy: OnnxValue): OnnxValue {
  const share = l.map('Mul', [dy, l.constant([1, 1, ...g.output], 'float32', windowShares(g))]);
  const type = { shape: [g.batch, g.inChannels, ...g.input], dtype: 'float32' as const };
  const tiled = g.kernel.every(
    (size, i) => size === g.strides[i] && g.before[i] === 0 && g.after[i] === 0,
  );
  if (tiled) {
    const cells = l.reshape(share, [
      g.batch,
      g.inChannels,
      ...g.output.flatMap((size) => [size, 1]),
    ]);
    const windows = g.output.flatMap((size, i) => [size, g.kernel[i] ?? 1]);
    return l.reshape(l.expand(cells, [g.batch, g.inChannels, ...windows]), type.shape);
  }
  const planes = l.reshape(share, [g.batch * g.inChannels, 1, ...g.output]);
  if (l.target !== 'cpu') return l.reshape(spreadWindows(l, g, planes, ones(l, g)), type.shape);
  const planeType = { shape: [g.batch * g.inChannels, 1, ...g.input], dtype: 'float32' as const };
  const inputs = [planes, ones(l, g)];
  return l.reshape(l.emit('ConvTranspose', inputs, transposedAttrs(g), planeType), type.shape);
}

/** A window of ones for one channel. */
function ones(l: Lowering, g: WindowGeometry): OnnxValue {
  return l.expand(l.scalar(1, 'float32'), [1, 1, ...g.kernel]);
}

/** One over the number of positions that each window covers. */
function windowShares(g: WindowGeometry): Float32Array {
  const covered = (axis: number, at: number): number => {
    const [stride = 1, before = 0] = [g.strides[axis], g.before[axis]];
    const start = at * stride - before;
    const end = Math.min(start + (g.kernel[axis] ?? 1), g.input[axis] ?? 1);
    return Math.max(0, end - Math.max(0, start));
  };
  const shares = new Float32Array(sizeOf(g.output));
  return shares.map((_, i) => {
    let rest = i;
    let count = 1;
    for (let axis = g.output.length - 1; axis >= 0; axis--) {
      const size = g.output[axis] ?? 1;
      count *= covered(axis, rest % size);
      rest = Math.floor(rest / size);
    }
    return 1 / Math.max(1, count);
  });
}

/** ONNX Runtime takes padding only if it is smaller than the window. */
function isWide(g: WindowGeometry): boolean {
  return g.kernel.some((size, i) => (g.before[i] ?? 0) >= size || (g.after[i] ?? 0) >= size);
}

/** The image with its padding as part of it. */
function withPadding(
  l: Lowering,
  g: WindowGeometry,
  x: OnnxValue,
  value: number,
): { x: OnnxValue; g: WindowGeometry } {
  const after = g.after.map((size) => Math.max(0, size));
  const input = g.input.map((size, i) => (g.before[i] ?? 0) + size + (after[i] ?? 0));
  const padded = l.emit(
    'Pad',
    [x, l.ints([0, 0, ...g.before, 0, 0, ...after]), l.scalar(value, 'float32')],
    { mode: 'constant' },
    { shape: [...x.shape.slice(0, 2), ...input], dtype: 'float32' },
  );
  const none = g.before.map(() => 0);
  return {
    x: padded,
    g: { ...g, input, before: none, after: g.after.map((size) => Math.min(0, size)) },
  };
}
