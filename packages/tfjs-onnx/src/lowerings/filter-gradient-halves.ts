// The gradient of a filter with fewer products: that of the convolution in fewer-products.ts. With x0, x1 the even and odd rows of the
// image, x2 the even ones from the second on, y0 and y1 the even and odd rows of the result's gradient:
//
//   even rows of the filter  (x0 − x1) ∗ y0 + x1 ∗ (y0 + y1)
//   odd rows of the filter   (x2 − x1) ∗ y1 + x1 ∗ (y0 + y1)
import type { OnnxValue } from '../onnx/onnx-graph.js';
import { padAxis } from './blocked-layout.js';
import type { ConvGeometry } from './conv-geometry.js';
import type { FilterGradientPlan } from './conv2d-filter-gradient.js';
import { partOfFront, type ImagesPart } from './images-part.js';
import type { Lowering } from './lowering.js';
import { everyAlong } from './slice.js';

/** Nanoseconds a number to pick every second row and to add or subtract them; twice, as such moves count. */
const HALVE = 1.6;

/** The form that halves rows, for stride 1 and filters of two rows or more; `choose` gives the form for the halves. */
export function onHalves(
  g: ConvGeometry,
  choose: (half: ConvGeometry) => FilterGradientPlan,
): FilterGradientPlan {
  const rows = Math.ceil(g.output[0] / 2);
  const taps = g.kernel[0];
  const [even, odd] = [Math.ceil(taps / 2), Math.floor(taps / 2)];
  const [forEven, forOdd] = [even, odd].map((count) => halfOf(g, rows, count)) as [
    ConvGeometry,
    ConvGeometry,
  ];
  const [planEven, planOdd] = [choose(forEven), choose(forOdd)];
  const needed = 2 * rows + taps - 1;
  const numbers = g.inChannels * needed * g.input[1] + g.outChannels * rows * g.output[1];
  const sums = taps * g.kernel[1] * g.inChannels * g.outChannels; // added up and put in turn once for all images
  return {
    cost: HALVE * (1.5 * numbers + (2 * sums) / g.batch) + 2 * planEven.cost + planOdd.cost,
    held: planEven.held + 2 * numbers,
    most: Math.min(planEven.most ?? Infinity, planOdd.most ?? Infinity),
    multiple: Math.max(planEven.multiple ?? 1, planOdd.multiple ?? 1),
    form: (l, _, x, dy) => {
      const image = padAxis(l, x.front(), 2, g.before[0], needed - g.before[0] - g.input[0]);
      const gradient = padAxis(l, dy.front(), 2, 0, 2 * rows - g.output[0]);
      const x1 = everySecond(l, image, 1, rows + even - 1);
      const x0 = everySecond(l, image, 0, rows + even - 1);
      const [y0, y1] = [everySecond(l, gradient, 0, rows), everySecond(l, gradient, 1, rows)];
      const part = (front: OnnxValue): ImagesPart => partOfFront(l, front);
      const shared = planEven.form(l, forEven, part(x1), part(l.map('Add', [y0, y1])));
      const ofEven = planEven.form(l, forEven, part(l.map('Sub', [x0, x1])), part(y0));
      const x2 = everySecond(l, image, 2, rows + odd - 1);
      const ofOdd = planOdd.form(
        l,
        forOdd,
        part(l.map('Sub', [x2, everySecond(l, image, 1, rows + odd - 1)])),
        part(y1),
      );
      return inTurn(l, taps, l.map('Add', [ofEven, shared]), ofOdd, shared);
    },
  };
}

/** The convolution of every second row by every second row of the filter, all zeros beyond the image being there. */
function halfOf(g: ConvGeometry, rows: number, taps: number): ConvGeometry {
  return {
    ...g,
    input: [rows + taps - 1, g.input[1]],
    output: [rows, g.output[1]],
    kernel: [taps, g.kernel[1]],
    before: [0, g.before[1]],
    after: [0, g.after[1]],
  };
}

/** Even and odd rows of the filter's gradient in turn. */
function inTurn(
  l: Lowering,
  taps: number,
  even: OnnxValue,
  odd: OnnxValue,
  shared: OnnxValue,
): OnnxValue {
  const [evens = 1, ...inner] = even.shape;
  const [odds = 1] = odd.shape;
  const size = inner.reduce((a, b) => a * b, 1);
  // Where there is one row less of the odd ones, what stands in its place is cut off again.
  const whole = l.map('Add', [padAxis(l, odd, 0, 0, evens - odds), shared]);
  const parts = [even, whole].map((part) => l.reshape(part, [evens, size]));
  const type = { shape: [evens, 2 * size], dtype: even.dtype };
  const all = l.reshape(l.emit('Concat', parts, { axis: 1 }, type), [2 * evens, ...inner]);
  return everyAlong(l, all, 0, 0, taps, 1);
}

/** `count` rows of [channels, B, rows, columns] from `start` on, one between them left out. */
function everySecond(l: Lowering, x: OnnxValue, start: number, count: number): OnnxValue {
  return everyAlong(l, x, 2, start, count, 2);
}
