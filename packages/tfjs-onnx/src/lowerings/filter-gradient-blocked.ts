// The gradient of a filter as a convolution on the runtime's blocked kernels: the channels of one side take the place of the batch,
// those of the other that of the results, and the images that of the channels.
//
//   dW[kh, kw, i, o] = Σ over images b, rows y, columns x of X[i, b, s·y + d·kh − p, s·x + d·kw − p] · G[o, b, y, x]
//
// Read as a convolution of X, its filter is G, its dilations are the strides, its strides the dilations, and its results the taps.
// Nothing is copied once per tap, so that it takes two thirds of the time of the forms that multiply matrices of shifted copies, and
// half of it with strides.
import type { OnnxValue } from '../onnx/onnx-graph.js';
import { blockedConv, padAxis, padBlockColumns, toBlocks } from './blocked-layout.js';
import { turnedPads, type ConvGeometry } from './conv-geometry.js';
import type { FilterGradientPlan } from './conv2d-filter-gradient.js';
import type { ImagesPart } from './images-part.js';
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
/** Nanoseconds to begin a row of results. */
const BEGIN = 25;
/** Nanoseconds a number to move rows of them, to put rows between zeros as well, and to move numbers alone; as such moves count. */
const MOVE = 0.5;
const BORDER = 2;
const SCATTER = 1.6;
/** Bytes of the filter, for a block of images, that stay in the cache; more are read from memory for each row, which takes so much longer. */
const CACHE = 2 * 2 ** 20;
const AWAY = 1.2;

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
  const plans = plansOf(g, overImage, block, MOVE, (l, _, x, dy) => {
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
      ...plansOf(g, overGradient, block, SCATTER, (l, _, x, dy) => {
        const taps = correlate(l, overGradient, dy, x); // [out, blocks, taps, block], the last tap first
        const whole = l.transpose(taps, [2, 1, 3, 0]);
        return reversed(l, filterOf(l, g, whole, 1), [0, 1]);
      }),
    );
  }
  return plans;
}

/** @param putting nanoseconds to put a number of the result in its place */
function plansOf(
  g: ConvGeometry,
  c: Correlation,
  block: number,
  putting: number,
  form: FilterGradientPlan['form'],
): FilterGradientPlan[] {
  const blocks = Math.ceil(c.results / block);
  const columns = c.output[1] % COLUMNS;
  const alone = columns === 1 || columns === 4 ? 1 : 0;
  const busy = Math.max(
    MULTIPLY * (c.output[1] - alone) + MULTIPLY_ONE * alone,
    blocks === 1 ? MULTIPLY * LEAST_BUSY * Math.ceil(c.output[1] / COLUMNS) : 0,
  );
  const area = c.area[0] * c.area[1];
  const rows = rowsByTap(c).reduce((a, b) => a + b, 0);
  const multiplying = busy * rows * c.area[1] * c.images * blocks * block;
  const beginning = BEGIN * c.images * c.output[0] * Math.ceil(blocks / BLOCKS);
  const width = c.input[1] + Math.max(0, c.pads[1]) + Math.max(0, c.pads[3]);
  const image = c.images * c.input[0] * width;
  const filter = blocks * block * area;
  const result = putting * c.images * blocks * block * c.output[0] * c.output[1];
  // Images of fewer channels than a block stay as they are; more are put into blocks.
  const few = block - 1;
  const filled = Math.ceil(g.batch / block) * block;
  const read = 4 * block * area * Math.min(blocks, BLOCKS) * block;
  const away = read > CACHE ? AWAY : 1;
  return [
    {
      form,
      cost: multiplying + beginning + BORDER * image + MOVE * filter + result / few,
      held: 2 * (image + filter),
      most: few,
      multiple: 1,
    },
    {
      form,
      cost:
        ((away * multiplying + beginning / block + MOVE * (2 * image + filter)) * filled) /
          g.batch +
        result / g.batch,
      held: 3 * image + 2 * filter,
      most: Infinity,
      multiple: block,
    },
  ];
}

/** One convolution for all images: [images, blocks, taps, block]. */
function correlate(l: Lowering, c: Correlation, image: ImagesPart, filter: ImagesPart): OnnxValue {
  const { block } = l;
  const front = image.front();
  const [, given = 1] = front.shape;
  const few = given < block; // fewer channels than a block stay as they are
  const filled = few ? given : Math.ceil(given / block) * block;
  const { value } = blockedConv(
    l,
    few ? bordered(l, c, front) : borderedBlocks(l, c, padAxis(l, front, 1, 0, filled - given)),
    filterOfBlocks(l, filter.blocks(), filled),
    null,
    {
      channels: Math.ceil(c.results / block) * block,
      size: c.output,
      attrs: {
        kernel_shape: [...c.area],
        strides: [...c.strides],
        dilations: [...c.dilations],
        pads: leavesRows(c) ? [c.pads[0], 0, Math.max(0, c.pads[2]), 0] : [0, 0, 0, 0],
      },
    },
  );
  const [, whole = 1] = value.shape;
  return l.reshape(value, [c.images, whole / block, c.output[0] * c.output[1], block]);
}

/**
 * Images in blocks as {@link blockedFilter} puts a filter that has channels in place of images, and images in that of channels.
 *
 * @param filled how many images it shall have, with zeros at the end
 */
function filterOfBlocks(l: Lowering, images: OnnxValue, filled: number): OnnxValue {
  const { block } = l;
  const [given = 1, channels = 1, rows = 1, columns = 1] = images.shape;
  const [blocks, area] = [channels / block, rows * columns];
  const lines = padAxis(l, l.reshape(images, [given, blocks, area * block]), 0, 0, filled - given);
  const shape = [channels, filled, rows, columns];
  if (filled < block) return l.reshape(l.transpose(lines, [1, 0, 2]), shape);
  const apart = l.reshape(lines, [filled / block, block, blocks, area, block]);
  return l.reshape(l.transpose(apart, [2, 0, 3, 1, 4]), shape);
}

/** With columns of zeros written out, and rows where the runtime cannot leave them to itself; without what is not read. */
function bordered(l: Lowering, c: Correlation, image: OnnxValue): OnnxValue {
  const [top, left, bottom, right] = c.pads;
  const wide = padAxis(l, onlyRead(l, c, image), 3, left, right);
  return leavesRows(c) ? wide : padAxis(l, wide, 2, top, bottom);
}

/** The same in blocks, where a pixel is a row of numbers: putting zeros between them is quicker there. */
function borderedBlocks(l: Lowering, c: Correlation, image: OnnxValue): OnnxValue {
  const [top, left, bottom, right] = c.pads;
  const read = onlyRead(l, c, image);
  const tall = leavesRows(c) ? read : padAxis(l, read, 2, top, bottom);
  return padBlockColumns(l, toBlocks(l, tall), left, Math.max(0, right)).value;
}

function onlyRead(l: Lowering, c: Correlation, image: OnnxValue): OnnxValue {
  const [, , bottom, right] = c.pads;
  const rows = everyAlong(l, image, 2, 0, c.input[0] + Math.min(0, bottom), 1);
  return everyAlong(l, rows, 3, 0, c.input[1] + Math.min(0, right), 1);
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
