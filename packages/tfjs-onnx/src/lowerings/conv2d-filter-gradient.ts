import type { Value } from '../graph/graph.js';
import type { OnnxValue } from '../onnx/onnx-graph.js';
import type { ConvGeometry } from './conv-geometry.js';
import type { Lowering } from './lowering.js';

/**
 * The gradient of a convolution's filter, [kh, kw, in, out]: the image correlated with the gradient of the result, summed over the
 * batch. As a convolution, batch and channels change places, and strides become dilations.
 */
export function filterGradient(l: Lowering, g: ConvGeometry, x: Value, dy: Value): OnnxValue {
  const channelsFirst = (value: Value): OnnxValue => {
    const perm = g.channelsLast && l.layoutOf(value) === 'plain' ? [3, 0, 1, 2] : [1, 0, 2, 3];
    return l.transpose(
      g.channelsLast && l.layoutOf(value) === 'nchw' ? l.nchw(value) : l.plain(value),
      perm,
    );
  };
  const image = channelsFirst(x); // [in, B, H, W]
  const gradient = channelsFirst(dy); // [out, B, h, w]
  const pads = [...g.before, ...g.after.map((size) => Math.max(0, size))];
  // Rows that the convolution left unread would give the result more rows than the filter has: they are cut off by the slice.
  const spare = g.after.map((size) => Math.max(0, -size));
  const sizes = g.kernel.map(
    (size, i) => size + Math.floor((spare[i] ?? 0) / (g.dilations[i] ?? 1)),
  );
  const attrs = {
    kernel_shape: [...g.output],
    dilations: [...g.strides],
    strides: [...g.dilations],
    pads,
  };
  const type = { shape: [g.inChannels, g.outChannels, ...sizes], dtype: 'float32' as const };
  const full = l.emit('Conv', [image, gradient], attrs, type);
  const cut = cutTo(l, full, [g.inChannels, g.outChannels, ...g.kernel]);
  return l.transpose(cut, [2, 3, 0, 1]);
}

function cutTo(l: Lowering, x: OnnxValue, shape: readonly number[]): OnnxValue {
  const axes = shape.flatMap((size, axis) => (size < (x.shape[axis] ?? 0) ? [axis] : []));
  if (axes.length === 0) return x;
  const ends = axes.map((axis) => shape[axis] ?? 0);
  return l.emit(
    'Slice',
    [x, l.ints(axes.map(() => 0)), l.ints(ends), l.ints(axes)],
    {},
    { shape, dtype: x.dtype },
  );
}
