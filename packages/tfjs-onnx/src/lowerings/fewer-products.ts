// Convolutions with fewer products: even and odd rows of the result share some of them.
//
// With x0, x1 the even and odd rows of the image, x2 the even rows from the second on, h0 and h1 the even and odd rows of the filter:
//
//   even rows of the result  h0 ∗ x0 + h1 ∗ x1  =  (h0 + h1) ∗ x1 + h0 ∗ (x0 − x1)
//   odd rows of the result   h0 ∗ x1 + h1 ∗ x2  =  (h0 + h1) ∗ x1 + h1 ∗ (x2 − x1)
//
// Three convolutions of half the size instead of four; done twice, nine instead of sixteen. These are the smallest of Winograd's
// filtering algorithms (Winograd 1980; for networks Lavin & Gray 2016): sums and differences only, so that hardly any accuracy is
// lost. The sums over the results cost nothing, since blocked convolutions can start from given numbers.
import type { OnnxValue } from '../onnx/onnx-graph.js';
import { blockedConv, blockedFilter, padAxis, type BlockedImage } from './blocked-layout.js';
import type { Lowering } from './lowering.js';
import { everyAlong } from './slice.js';

/** Nanoseconds on one core to multiply and add, and to read or write a number. */
const MULTIPLY = 0.019;
const STREAM = 0.2;
/** Reads and writes of each number of the image, and of the result, by how often rows are halved. */
const STREAMS = [
  { image: 0, result: 0 },
  { image: 8, result: 4 },
  { image: 17, result: 8 },
] as const;

/** Bytes of the image whose rows are halved at once: no slower than all at once, from 3 to 25 MiB. */
const BATCH_BYTES = 7 * 2 ** 20;

/** A convolution with stride 1. */
export interface RowConvolution {
  readonly image: BlockedImage;
  /** [kh, kw, in, out] */
  readonly filter: OnnxValue;
  readonly bias: OnnxValue | null;
  /** Zeros before rows and columns, then after them. */
  readonly pads: readonly [number, number, number, number];
  /** Height and width of the result. */
  readonly size: readonly [number, number];
}

/** How often it pays to halve the rows: 0, 1 or 2 times. */
export function bestHalvings(c: RowConvolution): number {
  const [kh = 1, kw = 1, inChannels = 1, outChannels = 1] = c.filter.shape;
  const [, , height = 1, width = 1] = c.image.value.shape;
  const [rows, columns] = c.size;
  const cost = (halvings: number): number => {
    const parts = 2 ** halvings;
    const each = Math.ceil(rows / parts);
    const taps =
      halvings === 0
        ? insideTaps(kh, rows, height, c.pads[0]) / rows // rows of zeros are not multiplied
        : tapsOf(kh, halvings);
    const { image, result } = STREAMS[halvings] ?? STREAMS[0];
    return (
      MULTIPLY * taps * each * columns * kw * inChannels * outChannels +
      STREAM * image * inChannels * (parts * each + kh - 1) * (width + c.pads[1] + c.pads[3]) +
      STREAM * result * outChannels * parts * each * columns
    );
  };
  return [0, 1, 2].reduce((best, halvings) => (cost(halvings) < cost(best) ? halvings : best));
}

/** Rows of the filter that meet the image, over all rows of the result. */
function insideTaps(taps: number, rows: number, height: number, before: number): number {
  let sum = 0;
  for (let row = 0; row < rows; row++) {
    sum += Math.max(0, Math.min(taps, height + before - row) - Math.max(0, before - row));
  }
  return sum;
}

/** Rows of all filters that `taps` rows become. */
function tapsOf(taps: number, halvings: number): number {
  if (halvings === 0 || taps === 0) return taps;
  if (taps === 1) return 2 * tapsOf(1, halvings - 1);
  const [even, odd] = [Math.ceil(taps / 2), Math.floor(taps / 2)];
  return 2 * tapsOf(even, halvings - 1) + tapsOf(odd, halvings - 1);
}

/** The convolution, by halving the rows the given number of times. */
export function byHalves(l: Lowering, c: RowConvolution, halvings: number): BlockedImage {
  const { block } = l;
  const [rows, columns] = c.size;
  const [batch = 1, channels = 1, height = 1, width = 1] = c.image.value.shape;
  const [top, left, , right] = c.pads;
  const parts = 2 ** halvings;
  const each = Math.ceil(rows / parts);
  const needed = parts * each + (c.filter.shape[0] ?? 1) - 1;
  const lines = (batch * channels) / block;
  const image = padAxis(
    l,
    padAxis(
      l,
      l.reshape(c.image.value, [lines, height, width, block]),
      1,
      top,
      needed - height - top,
    ),
    2,
    left,
    right,
  );
  const wide = width + left + right;
  const task: Task = {
    l,
    batch,
    channels,
    width: wide,
    outChannels: c.filter.shape[3] ?? 1,
    columns,
  };
  const results = convolve(task, {
    x: l.reshape(image, [lines, needed, wide * block]),
    filter: c.filter,
    rows: each * parts,
    halvings,
    bias: c.bias,
    sums: null,
  });
  const whole = Math.ceil(task.outChannels / block) * block;
  const outLines = (batch * whole) / block;
  const joined = l.emit(
    'Concat',
    results.map((part) => l.reshape(part, [outLines, each, columns * block])),
    { axis: 2 },
    { shape: [outLines, each, parts * columns * block], dtype: 'float32' },
  );
  const all = l.reshape(joined, [outLines, each * parts, columns * block]);
  const cut = someRows(l, all, 0, rows, 1);
  return { value: l.reshape(cut, [batch, whole, rows, columns]), channels: task.outChannels };
}

/** {@link byHalves} for a few images at a time: sums and differences of all rows need two to three times an image's memory. */
export function inBatches(l: Lowering, c: RowConvolution, halvings: number): BlockedImage {
  const [batch = 1, ...image] = c.image.value.shape;
  const bytes = 4 * image.reduce((a, b) => a * b, 1);
  const size = Math.max(1, Math.min(batch, Math.floor(BATCH_BYTES / bytes)));
  if (size >= batch) return byHalves(l, c, halvings);
  const starts = Array.from({ length: Math.ceil(batch / size) }, (_, i) => i * size);
  const parts = starts.map((start) => {
    const count = Math.min(size, batch - start);
    const value = everyAlong(l, c.image.value, 0, start, count, 1);
    return byHalves(l, { ...c, image: { ...c.image, value } }, halvings).value;
  });
  const shape = [batch, ...(parts[0]?.shape.slice(1) ?? [])];
  const value = l.emit('Concat', parts, { axis: 0 }, { shape, dtype: 'float32' });
  return { value, channels: c.filter.shape[3] ?? 1 };
}

/** What stays the same for all parts. */
interface Task {
  readonly l: Lowering;
  readonly batch: number;
  readonly channels: number;
  readonly width: number;
  readonly outChannels: number;
  readonly columns: number;
}

interface Part {
  /** [lines, rows + taps − 1, width · block] */
  readonly x: OnnxValue;
  /** [taps, kw, in, out] */
  readonly filter: OnnxValue;
  readonly rows: number;
  readonly halvings: number;
  readonly bias: OnnxValue | null;
  /** What to add to each of the results. */
  readonly sums: readonly OnnxValue[] | null;
}

/** Rows 0, n, 2n, …, rows 1, n + 1, …, up to the n-th, n = 2^halvings, of the result. */
function convolve(task: Task, part: Part): OnnxValue[] {
  const { l } = task;
  const { x, filter, halvings, bias, sums } = part;
  if (halvings === 0) return [direct(task, part, sums?.[0] ?? null)];
  const rows = part.rows / 2;
  const taps = filter.shape[0] ?? 1;
  const inner = { rows, halvings: halvings - 1 };
  const [even, odd] = [Math.ceil(taps / 2), Math.floor(taps / 2)];
  const x1 = someRows(l, x, 1, rows + even - 1, 2);
  const x0 = someRows(l, x, 0, rows + even - 1, 2);
  const h0 = someRows(l, filter, 0, even, 2);
  const sumOf = (parity: 0 | 1): OnnxValue[] | null =>
    sums?.filter((_, i) => i % 2 === parity) ?? null;
  if (odd === 0) {
    const one = { ...inner, filter: h0, bias };
    const apart = [x0, x1].map((rowsOfX, parity) =>
      convolve(task, { ...one, x: rowsOfX, sums: sumOf(parity as 0 | 1) }),
    );
    return inTurn(apart);
  }
  const h1 = someRows(l, filter, 1, odd, 2);
  const h01 = l.map('Add', [h0, padAxis(l, h1, 0, 0, even - odd)]);
  const shared = convolve(task, { ...inner, x: x1, filter: h01, bias, sums: null });
  const plus = (parity: 0 | 1): OnnxValue[] => {
    const given = sumOf(parity);
    return shared.map((value, i) => {
      const other = given?.[i];
      return other === undefined ? value : l.map('Add', [value, other]);
    });
  };
  const x2 = someRows(l, x, 2, rows + odd - 1, 2);
  return inTurn([
    convolve(task, { ...inner, x: l.map('Sub', [x0, x1]), filter: h0, bias: null, sums: plus(0) }),
    convolve(task, {
      ...inner,
      x: l.map('Sub', [x2, someRows(l, x, 1, rows + odd - 1, 2)]),
      filter: h1,
      bias: null,
      sums: plus(1),
    }),
  ]);
}

/** First of the first, first of the second, second of the first, … */
function inTurn([first = [], second = []]: readonly (readonly OnnxValue[])[]): OnnxValue[] {
  return first.flatMap((value, i) => [value, ...second.slice(i, i + 1)]);
}

function direct(task: Task, { x, filter, rows, bias }: Part, sum: OnnxValue | null): OnnxValue {
  const { l, batch, channels, width, outChannels, columns } = task;
  const [taps = 1, across = 1] = filter.shape;
  const image = l.reshape(x, [batch, channels, rows + taps - 1, width]);
  return blockedConv(l, image, blockedFilter(l, filter), bias, {
    channels: outChannels,
    size: [rows, columns],
    sum,
    attrs: { kernel_shape: [taps, across], strides: [1, 1], dilations: [1, 1], pads: [0, 0, 0, 0] },
  }).value;
}

/** `count` rows of [lines, rows, …] or of a filter [rows, …], from `start` on, `step` apart. */
function someRows(
  l: Lowering,
  x: OnnxValue,
  start: number,
  count: number,
  step: number,
): OnnxValue {
  return everyAlong(l, x, x.shape.length === 4 ? 0 : 1, start, count, step);
}
