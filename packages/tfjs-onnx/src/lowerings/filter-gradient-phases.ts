// The gradient of a strided convolution's filter as that of one with stride 1: rows and columns of equal remainder become channels.
import { sameShape } from '../graph/graph.js';
import type { OnnxValue } from '../onnx/onnx-graph.js';
import { padAxis } from './blocked-layout.js';
import type { ConvGeometry } from './conv-geometry.js';
import type { FilterGradientPlan } from './conv2d-filter-gradient.js';
import { partOfFront } from './images-part.js';
import type { Lowering } from './lowering.js';
import { strided } from './slice.js';

/** Nanoseconds a number to put zeros around the image and to pick the phases; twice, as such moves count. */
const PHASES = 3;

/** The convolution of stride 1 whose image has the phases of the strided one's image as channels: [row, column, in]. */
export function phaseGeometry(g: ConvGeometry): ConvGeometry {
  const taps = g.kernel.map((size, axis) => Math.ceil(size / (g.strides[axis] ?? 1)));
  const [rows = 1, columns = 1] = taps;
  return {
    ...g,
    inChannels: g.strides[0] * g.strides[1] * g.inChannels,
    input: [g.output[0] + rows - 1, g.output[1] + columns - 1],
    kernel: [rows, columns],
    strides: [1, 1],
    before: [0, 0],
    after: [0, 0],
  };
}

/** The form that works on phases, by a form for stride 1. */
export function onPhases(g: ConvGeometry, inner: FilterGradientPlan): FilterGradientPlan {
  const narrow = phaseGeometry(g);
  const size = narrow.inChannels * narrow.input[0] * narrow.input[1];
  return {
    ...inner,
    cost: PHASES * size + inner.cost,
    held: 2 * size + inner.held,
    form: (l, _, x, dy) => {
      const sum = inner.form(l, narrow, partOfFront(l, phases(l, g, narrow, x.front())), dy);
      const [rows, columns] = narrow.kernel;
      const split = [rows, columns, ...g.strides, g.inChannels, g.outChannels];
      const turned = l.transpose(l.reshape(sum, split), [0, 2, 1, 3, 4, 5]); // [rows, stride, columns, stride, in, out]
      const whole = [rows * g.strides[0], columns * g.strides[1], g.inChannels, g.outChannels];
      return cropped(l, l.reshape(turned, whole), 0, g.kernel);
    },
  };
}

/** From [in, B, H, W] to [row, column, in, B, rows, columns], as one list of channels. */
function phases(l: Lowering, g: ConvGeometry, narrow: ConvGeometry, x: OnnxValue): OnnxValue {
  const [channels = 1, batch = 1] = x.shape;
  const [rows, columns] = narrow.input;
  const [tall, wide] = [rows * g.strides[0], columns * g.strides[1]];
  const padded = [tall, wide].reduce((image, size, axis) => {
    const before = g.before[axis] ?? 0;
    return padAxis(l, image, axis + 2, before, size - before - (g.input[axis] ?? 1));
  }, x);
  const [down, across] = g.strides;
  const parts = Array.from({ length: down * across }, (_, i) => {
    const starts = [Math.floor(i / across), i % across];
    // One transpose would do, but picks numbers two to three times slower.
    return strided(l, padded, [2, 3], starts, [tall, wide], g.strides, [
      channels,
      batch,
      rows,
      columns,
    ]);
  });
  return l.emit(
    'Concat',
    parts,
    { axis: 0 },
    {
      shape: [narrow.inChannels, batch, rows, columns],
      dtype: x.dtype,
    },
  );
}

/** The first entries of two neighbouring axes. */
function cropped(
  l: Lowering,
  x: OnnxValue,
  axis: number,
  sizes: readonly [number, number],
): OnnxValue {
  const shape = x.shape.map((size, i) => sizes[i - axis] ?? size);
  if (sameShape(shape, x.shape)) return x;
  return strided(l, x, [axis, axis + 1], [0, 0], sizes, [1, 1], shape);
}
