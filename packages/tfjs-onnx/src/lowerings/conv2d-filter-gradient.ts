// The gradient of a convolution's filter: the image correlated with the gradient of the result, summed over the batch.
//
//   dW[kh, kw, i, o] = Σ over images b, rows y, columns x of X[i, b, s·y + d·kh − p, s·x + d·kw − p] · G[o, b, y, x]
//
// With channels in front, each shifted copy of one side is a matrix of channels × positions, and the sum is a product of two such
// matrices. On processors that is two to four times faster than the same sum as a plain convolution whose batch and channels change
// places; with blocked kernels (filter-gradient-blocked.ts) that convolution is faster still, where it can be had.
// The forms of products differ in which side is shifted; the copies are made for a few images at a time, so that they stay in the cache.
import type { Value } from '../graph/graph.js';
import type { OnnxValue } from '../onnx/onnx-graph.js';
import type { ConvGeometry } from './conv-geometry.js';
import { padAxis } from './blocked-layout.js';
import { concatenated } from './concat.js';
import { onBlocks } from './filter-gradient-blocked.js';
import { onPhases, phaseGeometry } from './filter-gradient-phases.js';
import { onHalves } from './filter-gradient-halves.js';
import { filterGradientPerImage } from './filter-gradient-per-image.js';
import { partOfBatch, type ImagesPart } from './images-part.js';
import type { Lowering } from './lowering.js';
import { everyAlong } from './slice.js';

/** Bytes of shifted copies to have at once; more leave the cache, fewer make a long graph. */
const CHUNK_BYTES = 10 * 2 ** 20;
const MOST_CHUNKS = 16;
const MOST_HALVINGS = 2;
/**
 * Nanoseconds a number, as measured on one core: only their ratios matter. To move rows of numbers, to put such copies behind each
 * other, to pick single numbers at the distance of a stride, all of them twice, since several threads share products alone; and to
 * multiply and add.
 */
const MOVE = 0.7;
const JOIN = 0.5;
const PICK = 2.4;
const MULTIPLY = 0.02;

/** Sums one part of the batch; gives the gradient in the filter's own order. */
type Form = (l: Lowering, g: ConvGeometry, x: ImagesPart, dy: ImagesPart) => OnnxValue;

/** A form and what it costs. */
export interface FilterGradientPlan {
  readonly form: Form;
  /** Nanoseconds that an image takes. */
  readonly cost: number;
  /** Numbers of the copies that exist at once, per image. */
  readonly held: number;
  /** How many images it takes at once, at most, and of what their number had better be a multiple. Default: any. */
  readonly most?: number;
  readonly multiple?: number;
}

/** The gradient of a convolution's filter, [kh, kw, in, out], in the form that is cheapest for its sizes. */
export function filterGradient(l: Lowering, g: ConvGeometry, x: Value, dy: Value): OnnxValue {
  const shape = [...g.kernel, g.inChannels, g.outChannels];
  if (g.batch === 0) return l.expand(l.scalar(0, 'float32'), shape);
  // How many chunks there are would hang on the batch.
  if (l.anyBatch || l.target === 'portable') return asConvolution(l, g, x, dy);
  if (l.target === 'webgpu') return filterGradientPerImage(l, g, x, dy);
  return inChunks(l, g, x, dy, cheapest(g, l.block), CHUNK_BYTES);
}

/** The gradient in a given form, with copies of about `chunkBytes` at once. */
export function inChunks(
  l: Lowering,
  g: ConvGeometry,
  x: Value,
  dy: Value,
  plan: FilterGradientPlan,
  chunkBytes: number,
): OnnxValue {
  const chunks = Math.min(g.batch, MOST_CHUNKS, Math.ceil((4 * plan.held * g.batch) / chunkBytes));
  const { most = Infinity, multiple = 1 } = plan;
  const least = Math.ceil(g.batch / Math.max(1, chunks, Math.ceil(g.batch / most)));
  const size = Math.ceil(least / multiple) * multiple;
  const sums: OnnxValue[] = [];
  for (let start = 0; start < g.batch; start += size) {
    const end = Math.min(g.batch, start + size);
    sums.push(
      plan.form(
        l,
        g,
        partOfBatch(l, x, g.channelsLast, start, end),
        partOfBatch(l, dy, g.channelsLast, start, end),
      ),
    );
  }
  // Not a running sum: the runtime would then make all shifted copies before the first product.
  if (sums.length === 1) return first(sums);
  return l.emit('Sum', sums, {}, { shape: first(sums).shape, dtype: 'float32' });
}

/** As one convolution: batch and channels change places, strides become dilations. It works for every batch size. */
function asConvolution(l: Lowering, g: ConvGeometry, x: Value, dy: Value): OnnxValue {
  const image = partOfBatch(l, x, g.channelsLast, 0, g.batch).front(); // [in, B, H, W]
  const gradient = partOfBatch(l, dy, g.channelsLast, 0, g.batch).front(); // [out, B, h, w]
  // Rows that the convolution left unread would give the result more rows than the filter has: they are cut off.
  const sizes = g.kernel.map(
    (size, i) => size + Math.floor(Math.max(0, -(g.after[i] ?? 0)) / (g.dilations[i] ?? 1)),
  );
  const attrs = {
    kernel_shape: [...g.output],
    dilations: [...g.strides],
    strides: [...g.dilations],
    pads: [...g.before, ...g.after.map((size) => Math.max(0, size))],
  };
  const shape = [g.inChannels, g.outChannels, ...sizes];
  const full = l.emit('Conv', [image, gradient], attrs, { shape, dtype: 'float32' });
  const rows = everyAlong(l, full, 2, 0, g.kernel[0], 1);
  const cut = everyAlong(l, rows, 3, 0, g.kernel[1], 1);
  return l.transpose(cut, [2, 3, 0, 1]);
}

function cheapest(g: ConvGeometry, block: number, halvings = 0): FilterGradientPlan {
  const plans = plansFor(g, block, halvings);
  return plans.reduce((best, plan) => (plan.cost < best.cost ? plan : best));
}

/**
 * The forms that can do a convolution, with their costs.
 *
 * @param block how many channels the runtime's blocked kernels take together, 0 if it has none
 * @param halvings how often rows have been halved already
 */
export function plansFor(
  g: ConvGeometry,
  block: number,
  halvings = 0,
): [FilterGradientPlan, ...FilterGradientPlan[]] {
  const [kh, kw] = g.kernel;
  const [rows, columns] = g.output;
  const { inChannels, outChannels } = g;
  const [height, width] = g.input;
  const out = rows * columns;
  const column = kw * inChannels * height * columns; // numbers of the image, once per tap of the width
  const columnCopies = column * ((g.strides[1] === 1 ? MOVE : PICK) + JOIN);
  const window = kh * kw * inChannels * out;
  const multiplying = MULTIPLY * kh * kw * inChannels * outChannels; // a position
  const plans: [FilterGradientPlan, ...FilterGradientPlan[]] = [
    {
      form: shiftImage,
      cost: columnCopies + window * (MOVE + JOIN) + multiplying * out,
      held: column + window,
    },
    {
      form: shiftImageRowByRow,
      cost: columnCopies + window * MOVE + multiplying * out,
      held: 2 * column,
    },
    ...onBlocks(g, block),
  ];
  if (g.strides[0] === 1 && g.strides[1] === 1) {
    const wide = kw * outChannels * rows * width;
    const shifted = kh * kw * outChannels * height * width;
    plans.push(
      {
        form: shiftGradient,
        cost: (wide + shifted) * (MOVE + JOIN) + multiplying * height * width,
        held: wide + shifted,
      },
      {
        form: shiftBoth,
        cost:
          columnCopies +
          kh * outChannels * height * columns * MOVE +
          multiplying * height * columns,
        held: 2 * column,
      },
    );
    if (kh > 1 && g.dilations[0] === 1 && halvings < MOST_HALVINGS)
      plans.push(onHalves(g, (half) => cheapest(half, block, halvings + 1)));
  } else if (g.dilations[0] === 1 && g.dilations[1] === 1) {
    plans.push(...plansFor(phaseGeometry(g), block).map((inner) => onPhases(g, inner)));
  }
  return plans;
}

/** A form that takes both sides with their channels in front. */
function ofFronts(
  sum: (l: Lowering, g: ConvGeometry, x: OnnxValue, dy: OnnxValue) => OnnxValue,
): Form {
  return (l, g, x, dy) => sum(l, g, x.front(), dy.front());
}

/** All shifts on the image: one product of [kh · kw · in, positions] and [out, positions]. */
const shiftImage = ofFronts((l, g, x, dy) => {
  const columns = shiftColumns(l, g, padAxis(l, x, 2, g.before[0], g.after[0]));
  const shifted = Array.from({ length: g.kernel[0] }, (_, tap) => rowsOf(l, g, columns, tap));
  const [taps, positions] = [g.kernel[0] * g.kernel[1] * g.inChannels, sizeFrom(dy.shape, 1)];
  const left = l.reshape(concatenated(l, 0, shifted), [taps, positions]);
  const sum = product(l, left, l.reshape(dy, [g.outChannels, positions]));
  return l.reshape(sum, [...g.kernel, g.inChannels, g.outChannels]);
});

/** Columns shifted at once, rows one after the other: a product per row of the filter. */
const shiftImageRowByRow = ofFronts((l, g, x, dy) => {
  const columns = shiftColumns(l, g, padAxis(l, x, 2, g.before[0], g.after[0]));
  const right = l.reshape(dy, [g.outChannels, sizeFrom(dy.shape, 1)]);
  const rows = Array.from({ length: g.kernel[0] }, (_, tap) => {
    const left = l.reshape(rowsOf(l, g, columns, tap), [
      g.kernel[1] * g.inChannels,
      sizeFrom(dy.shape, 1),
    ]);
    return product(l, left, right);
  });
  return rowByRow(l, g, rows);
});

/** All shifts on the gradient (stride 1): one product of [kh · kw · out, positions] and [in, positions]. */
const shiftGradient = ofFronts((l, g, x, dy) => {
  const byColumn = backShifts(l, g, dy, 1);
  const columns = concatenated(l, 0, byColumn);
  const positions = sizeFrom(x.shape, 1);
  const left = l.reshape(concatenated(l, 0, backShifts(l, g, columns, 0)), [
    g.kernel[0] * g.kernel[1] * g.outChannels,
    positions,
  ]);
  const sum = product(l, left, l.reshape(x, [g.inChannels, positions]));
  return l.transpose(l.reshape(sum, [...g.kernel, g.outChannels, g.inChannels]), [0, 1, 3, 2]);
});

/** Columns shifted on the image, rows on the gradient (stride 1): a product per row of the filter. */
const shiftBoth = ofFronts((l, g, x, dy) => {
  const columns = shiftColumns(l, g, x);
  const positions = sizeFrom(columns.shape, 1);
  const left = l.reshape(columns, [g.kernel[1] * g.inChannels, positions]);
  const rows = backShifts(l, g, dy, 0).map((shifted) =>
    product(l, left, l.reshape(shifted, [g.outChannels, positions])),
  );
  return rowByRow(l, g, rows);
});

function rowByRow(l: Lowering, g: ConvGeometry, rows: readonly OnnxValue[]): OnnxValue {
  return concatenated(
    l,
    0,
    rows.map((row) => l.reshape(row, [1, g.kernel[1], g.inChannels, g.outChannels])),
  );
}

/** The columns that each tap of the filter reads, one copy after the other in front: [kw · in, B, rows, columns]. */
function shiftColumns(l: Lowering, g: ConvGeometry, x: OnnxValue): OnnxValue {
  const wide = padAxis(l, x, 3, g.before[1], g.after[1]);
  const inPlace = g.strides[1] === 1 && g.output[1] === x.shape[3] ? g.before[1] : null;
  const taps = Array.from({ length: g.kernel[1] }, (_, tap) => {
    const start = tap * g.dilations[1];
    return start === inPlace ? x : everyAlong(l, wide, 3, start, g.output[1], g.strides[1]);
  });
  return concatenated(l, 0, taps);
}

/** The rows that one tap of the filter reads. */
function rowsOf(l: Lowering, g: ConvGeometry, x: OnnxValue, tap: number): OnnxValue {
  return everyAlong(l, x, 2, tap * g.dilations[0], g.output[0], g.strides[0]);
}

/** The gradient moved under the image's rows (axis 0) or columns (axis 1), once per tap of the filter; stride 1. */
function backShifts(l: Lowering, g: ConvGeometry, dy: OnnxValue, axis: 0 | 1): OnnxValue[] {
  const before = Math.max(0, g.dilations[axis] * (g.kernel[axis] - 1) - g.before[axis]);
  const wide = padAxis(l, dy, axis + 2, before, g.before[axis] + g.input[axis] - g.output[axis]);
  const inPlace = g.input[axis] === dy.shape[axis + 2] ? before : null;
  return Array.from({ length: g.kernel[axis] }, (_, tap) => {
    const start = g.before[axis] + before - tap * g.dilations[axis];
    return start === inPlace ? dy : everyAlong(l, wide, axis + 2, start, g.input[axis], 1);
  });
}

function product(l: Lowering, left: OnnxValue, right: OnnxValue): OnnxValue {
  const shape = [left.shape[0] ?? 1, right.shape[0] ?? 1];
  return l.emit('Gemm', [left, right], { transB: 1 }, { shape, dtype: 'float32' });
}

function sizeFrom(shape: readonly number[], axis: number): number {
  return shape.slice(axis).reduce((a, b) => a * b, 1);
}

function first(values: readonly OnnxValue[]): OnnxValue {
  const [value] = values;
  if (value === undefined) throw new Error('no sum');
  return value;
}
