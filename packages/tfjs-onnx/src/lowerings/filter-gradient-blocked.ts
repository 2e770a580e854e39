// The gradient of a filter as a convolution on the runtime's blocked kernels: the channels of one side take the place of the batch,
// those of the other that of the results, and the images that of the channels.
//
//   dW[kh, kw, i, o] = Σ over images b, rows y, columns x of X[i, b, s·y + d·kh − p, s·x + d·kw − p] · G[o, b, y, x]
//
// Read as a convolution of X, its filter is G, its dilations are the strides, its strides the dilations, and its results the taps.
// Nothing is copied once per tap, so that it takes two thirds of the time of the forms that multiply matrices of shifted copies, and
// half of it with strides.
import type { OnnxValue } from '../onnx/onnx-graph.js';
import { blockedConv, padAxis, toBlocks } from './blocked-layout.js';
import { turnedPads, type ConvGeometry } from './conv-geometry.js';
import type { FilterGradientPlan } from './conv2d-filter-gradient.js';
import type { Lowering } from './lowering.js';
import { everyAlong, reversed } from './slice.js';

/** Nanoseconds on one core to multiply and add: where the runtime takes six, three or two columns of results at once, and one. */
const MULTIPLY = 0.0185;
const MULTIPLY_ONE = 0.04;
/** Columns that the runtime takes at once. */
const COLUMNS = 6;
/** It takes as many blocks of results at once; with one block, all columns together take no less than a multiple of a column. */
const BLOCKS = 4;
const LEAST_BUSY = 4;
/** Nanoseconds to begin a row of results, and to move a number: of rows of them, or alone. */
const BEGIN = 25;
const MOVE = 0.35;
const SCATTER = 0.8;

/** The convolution that a gradient is. Pairs are [rows, columns]. */
interface Correlation {
  /** The channels of the side that is convolved, and of the one that is the filter. */
  readonly images: number;
  readonly results: number;
  /** The size of what is convolved, and of the filter. */
  readonly input: readonly [number, number];
  readonly area: readonly [number, number];
  readonly strides: readonly [number, number];
  readonly dilations: readonly [number, number];
  /** The taps. */
  readonly output: readonly [number, number];
  /** Zeros before rows and columns, then after them; negative where the last ones stay unread. */
  readonly pads: readonly [number, number, number, number];
}

/** The forms that the runtime's blocked kernels can do; none if it has no such kernels. */
export function onBlocks(g: ConvGeometry, block: number): FilterGradientPlan[] {
  if (block === 0) return [];
  const overImage: Correlation = {
    images: g.inChannels,
    results: g.outChannels,
    input: g.input,
    area: g.output,
    strides: g.dilations,
    dilations: g.strides,
    output: g.kernel,
    pads: [...g.before, ...g.after],
  };
  const plans = plansOf(g, overImage, block, (l, x, dy) => {
    const taps = correlate(l, overImage, x, dy); // [in, blocks, taps, block]
    const whole = l.transpose(taps, [2, 0, 1, 3]);
    return filterOf(l, g, whole, 2);
  });
  const pads = turnedPads(g);
  if (g.strides.every((step) => step === 1) && pads.every((size) => size >= 0)) {
    const overGradient: Correlation = {
      images: g.outChannels,
      results: g.inChannels,
      input: g.output,
      area: g.input,
      strides: g.dilations,
      dilations: g.strides,
      output: g.kernel,
      pads,
    };
    plans.push(
      ...plansOf(g, overGradient, block, (l, x, dy) => {
        const taps = correlate(l, overGradient, dy, x); // [out, blocks, taps, block], the last tap first
        const whole = l.transpose(taps, [2, 1, 3, 0]);
        return reversed(l, filterOf(l, g, whole, 1), [0, 1]);
      }),
    );
  }
  return plans;
}

function plansOf(
  g: ConvGeometry,
  c: Correlation,
  block: number,
  sum: (l: Lowering, x: OnnxValue, dy: OnnxValue) => OnnxValue,
): FilterGradientPlan[] {
  const form: FilterGradientPlan['form'] = (l, _, x, dy) => sum(l, x, dy);
  const blocks = Math.ceil(c.results / block);
  const columns = c.output[1] % COLUMNS;
  const alone = columns === 1 || columns === 4 ? 1 : 0;
  const busy = Math.max(
    MULTIPLY * (c.output[1] - alone) + MULTIPLY_ONE * alone,
    blocks === 1 ? MULTIPLY * LEAST_BUSY * Math.ceil(c.output[1] / COLUMNS) : 0,
  );
  const rows = rowsByTap(c).reduce((a, b) => a + b, 0);
  const multiplying = busy * rows * c.area[1] * c.images * blocks * block;
  const beginning = BEGIN * c.images * c.output[0] * Math.ceil(blocks / BLOCKS);
  const width = c.input[1] + Math.max(0, c.pads[1]) + Math.max(0, c.pads[3]);
  const numbers = c.images * c.input[0] * width + blocks * block * c.area[0] * c.area[1];
  const result = SCATTER * c.images * blocks * block * c.output[0] * c.output[1];
  // Images of fewer channels than a block stay as they are; more are put into blocks.
  const few = block - 1;
  const filled = Math.ceil(g.batch / block) * block;
  return [
    {
      form,
      cost: multiplying + beginning + 2 * MOVE * numbers + result / few,
      held: 2 * numbers,
      most: few,
      multiple: 1,
    },
    {
      form,
      cost:
        ((multiplying + beginning / block + 3 * MOVE * numbers) * filled) / g.batch +
        result / g.batch,
      held: 3 * numbers,
      most: Infinity,
      multiple: block,
    },
  ];
}

/**
 * One convolution for all images: [images, blocks, taps, block].
 *
 * @param image [images, B, …input]
 * @param filter [results, B, …area]
 */
function correlate(l: Lowering, c: Correlation, image: OnnxValue, filter: OnnxValue): OnnxValue {
  const { block } = l;
  const [, given = 1] = image.shape;
  const few = given < block; // fewer channels than a block stay as they are
  const more = few ? 0 : Math.ceil(given / block) * block - given;
  const seen = padAxis(l, bordered(l, c, image), 1, 0, more);
  const blocks = Math.ceil(c.results / block);
  const whole = blocks * block;
  const results = padAxis(l, padAxis(l, filter, 0, 0, whole - c.results), 1, 0, more);
  const { value } = blockedConv(
    l,
    few ? seen : toBlocks(l, seen).value,
    filterInBlocks(l, results),
    null,
    {
      channels: whole,
      size: c.output,
      attrs: {
        kernel_shape: [...c.area],
        strides: [...c.strides],
        dilations: [...c.dilations],
        pads: leavesRows(c) ? [c.pads[0], 0, Math.max(0, c.pads[2]), 0] : [0, 0, 0, 0],
      },
    },
  );
  return l.reshape(value, [c.images, blocks, c.output[0] * c.output[1], block]);
}

/** As {@link blockedFilter} puts one, of a filter with channels first: [out, in, rows, columns], `out` whole blocks. */
function filterInBlocks(l: Lowering, filter: OnnxValue): OnnxValue {
  const { block } = l;
  const [out = 1, inChannels = 1, rows = 1, columns = 1] = filter.shape;
  const blocks = out / block;
  const byOut = l.reshape(filter, [blocks, block, inChannels * rows, columns]);
  const lines = toBlocks(l, byOut).value; // [out / block, in · rows · columns, block]
  if (inChannels < block) return l.reshape(lines, filter.shape);
  const apart = l.reshape(lines, [blocks, inChannels / block, block, rows * columns, block]);
  return l.reshape(l.transpose(apart, [0, 1, 3, 2, 4]), filter.shape);
}

/** With columns of zeros written out, and rows where the runtime cannot leave them to itself; without what is not read. */
function bordered(l: Lowering, c: Correlation, image: OnnxValue): OnnxValue {
  const [top, left, bottom, right] = c.pads;
  const rows = everyAlong(l, image, 2, 0, c.input[0] + Math.min(0, bottom), 1);
  const read = everyAlong(l, rows, 3, 0, c.input[1] + Math.min(0, right), 1);
  const wide = padAxis(l, read, 3, left, right);
  return leavesRows(c) ? wide : padAxis(l, wide, 2, top, bottom);
}

/** Whether zeros above and below are left to the runtime: it expects that each result reads some row of the image. */
function leavesRows(c: Correlation): boolean {
  return rowsByTap(c).every((rows) => rows > 0);
}

/** Rows of the filter that meet the image, by row of the result. */
function rowsByTap(c: Correlation): number[] {
  return Array.from({ length: c.output[0] }, (_, tap) => {
    let rows = 0;
    for (let row = 0; row < c.area[0]; row++) {
      const at = tap * c.strides[0] + row * c.dilations[0] - c.pads[0];
      if (at >= 0 && at < c.input[0]) rows += 1;
    }
    return rows;
  });
}

/** [kh, kw, in, out], without the channels that fill the last of the blocks, which stand on two axes from `axis` on. */
function filterOf(l: Lowering, g: ConvGeometry, taps: OnnxValue, axis: 1 | 2): OnnxValue {
  const sizes = [g.kernel[0] * g.kernel[1], g.inChannels, g.outChannels];
  const filled = taps.shape.slice(axis, axis + 2).reduce((a, b) => a * b, 1);
  const whole = l.reshape(
    taps,
    sizes.map((size, i) => (i === axis ? filled : size)),
  );
  const cut = everyAlong(l, whole, axis, 0, sizes[axis] ?? 1, 1);
  return l.reshape(cut, [...g.kernel, g.inChannels, g.outChannels]);
}
