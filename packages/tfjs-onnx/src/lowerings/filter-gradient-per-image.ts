// The gradient of a convolution's filter for graphics cards: a product of matrices for each image, summed over the images. One
// product of all would be a few tiles of numbers, each a sum over all positions of all images, and leave most of a card idle.
//
// With stride 1 the columns that each tap reads are copies of the image's, the rows copies of the gradient's: each combination of
// two copies is a tap, and nothing is multiplied in vain but the rows between. Else all copies are the image's.
import type { Value } from '../graph/graph.js';
import type { OnnxValue } from '../onnx/onnx-graph.js';
import { padAxis } from './blocked-layout.js';
import type { ConvGeometry } from './conv-geometry.js';
import type { Lowering } from './lowering.js';
import { concatenated } from './concat.js';
import { everyAlong } from './slice.js';

/** Bytes of the copies of one side, or of the products: what WebGPU promises of a buffer that a shader reads. */
const CHUNK_BYTES = 128 * 2 ** 20;
/** Seconds a byte of copies takes, made, joined and read, and an operation, as measured on an NVIDIA H200; only their ratio matters. */
const MOVE = 7e-12;
const COMPUTE = 1 / 22e12;

/** One image's part of the sum: [B, left, positions] and [B, positions, right], and the product's own order put right. */
export interface PerImageForm {
  /** Numbers per image of both sides and of the product. */
  readonly held: readonly number[];
  /** Multiplications and additions per image. */
  readonly flop: number;
  readonly left: (l: Lowering, x: OnnxValue) => OnnxValue;
  readonly right: (l: Lowering, dy: OnnxValue) => OnnxValue;
  /** From [left, right] to [kh, kw, in, out]. */
  readonly finish: (l: Lowering, sum: OnnxValue) => OnnxValue;
}

/** The gradient of a convolution's filter, [kh, kw, in, out]. */
export function filterGradientPerImage(
  l: Lowering,
  g: ConvGeometry,
  x: Value,
  dy: Value,
  form: PerImageForm = quickestForm(g),
  chunkBytes: number = CHUNK_BYTES,
): OnnxValue {
  const image = channelsSecond(l, g, x); // [B, in, H, W]
  const gradient = channelsLast(l, g, dy); // [B, h, w, out]
  const size = Math.max(1, Math.floor(chunkBytes / (4 * Math.max(...form.held))));
  const chunks = Math.ceil(g.batch / size);
  const even = Math.ceil(g.batch / chunks);
  let sum: OnnxValue | null = null;
  for (let start = 0; start < g.batch; start += even) {
    const count = Math.min(even, g.batch - start);
    const left = form.left(l, everyAlong(l, image, 0, start, count, 1));
    const right = form.right(l, everyAlong(l, gradient, 0, start, count, 1));
    const shape = [left.shape[1] ?? 1, right.shape[2] ?? 1];
    const products = l.emit(
      'MatMul',
      [left, right],
      {},
      { shape: [count, ...shape], dtype: 'float32' },
    );
    const part = l.emit(
      'ReduceSum',
      [products, l.ints([0])],
      { keepdims: 0 },
      { shape, dtype: 'float32' },
    );
    sum = sum === null ? part : l.map('Add', [sum, part]);
  }
  if (sum === null) throw new Error('a batch without images');
  return form.finish(l, sum);
}

/** The forms that can do a convolution. */
export function perImageForms(g: ConvGeometry): [PerImageForm, ...PerImageForm[]] {
  const stride1 = g.strides[0] === 1 && g.strides[1] === 1;
  return stride1 ? [shiftImage(g), shiftBoth(g)] : [shiftImage(g)];
}

function quickestForm(g: ConvGeometry): PerImageForm {
  const cost = ({ held, flop }: PerImageForm): number =>
    4 * held.reduce((a, b) => a + b, 0) * MOVE + flop * COMPUTE;
  return perImageForms(g).reduce((best, form) => (cost(form) < cost(best) ? form : best));
}

/** A copy of the image for each tap of the filter. */
function shiftImage(g: ConvGeometry): PerImageForm {
  const [kh, kw] = g.kernel;
  const positions = g.output[0] * g.output[1];
  const [taps, out] = [kh * kw * g.inChannels, inFours(g.outChannels)];
  return {
    held: [taps * positions, positions * out, taps * out],
    flop: 2 * taps * positions * out,
    left: (l, x) => {
      const wide = padAxis(
        l,
        padAxis(l, x, 2, g.before[0], g.after[0]),
        3,
        g.before[1],
        g.after[1],
      );
      const columns = concatenated(l, 1, columnTaps(l, g, wide));
      const rows = Array.from({ length: kh }, (_, tap) =>
        everyAlong(l, columns, 2, tap * g.dilations[0], g.output[0], g.strides[0]),
      );
      return l.reshape(concatenated(l, 1, rows), [x.shape[0] ?? 1, taps, positions]);
    },
    right: (l, dy) =>
      l.reshape(padAxis(l, dy, 3, 0, out - g.outChannels), [dy.shape[0] ?? 1, positions, out]),
    finish: (l, sum) =>
      everyAlong(l, l.reshape(sum, [kh, kw, g.inChannels, out]), 3, 0, g.outChannels, 1),
  };
}

/** A copy of the image for each column of the filter, one of the gradient for each row; stride 1. */
function shiftBoth(g: ConvGeometry): PerImageForm {
  const [kh, kw] = g.kernel;
  const height = g.output[0] + (kh - 1) * g.dilations[0];
  const positions = height * g.output[1];
  const out = (kh * g.outChannels) % 4 === 0 ? g.outChannels : inFours(g.outChannels);
  const [columns, rows] = [kw * g.inChannels, kh * out];
  return {
    held: [columns * positions, positions * rows, columns * rows],
    flop: 2 * columns * positions * rows,
    left: (l, x) => {
      const high = padAxis(l, x, 2, g.before[0], height - g.before[0] - g.input[0]);
      const wide = padAxis(l, high, 3, g.before[1], g.after[1]);
      const read = everyAlong(l, wide, 2, 0, height, 1);
      return l.reshape(concatenated(l, 1, columnTaps(l, g, read)), [
        x.shape[0] ?? 1,
        columns,
        positions,
      ]);
    },
    right: (l, dy) => {
      const wide = padAxis(l, dy, 3, 0, out - g.outChannels);
      const shifted = Array.from({ length: kh }, (_, tap) =>
        padAxis(l, wide, 1, tap * g.dilations[0], (kh - 1 - tap) * g.dilations[0]),
      );
      return l.reshape(concatenated(l, 3, shifted), [dy.shape[0] ?? 1, positions, rows]);
    },
    finish: (l, sum) => {
      const apart = l.reshape(sum, [kw, g.inChannels, kh, out]);
      return l.transpose(everyAlong(l, apart, 3, 0, g.outChannels, 1), [2, 0, 1, 3]);
    },
  };
}

/** The columns that each tap of the filter's width reads. */
function columnTaps(l: Lowering, g: ConvGeometry, wide: OnnxValue): OnnxValue[] {
  return Array.from({ length: g.kernel[1] }, (_, tap) =>
    everyAlong(l, wide, 3, tap * g.dilations[1], g.output[1], g.strides[1]),
  );
}

/** Shaders read numbers by fours where they can. */
function inFours(channels: number): number {
  return 4 * Math.ceil(channels / 4);
}

function channelsSecond(l: Lowering, g: ConvGeometry, value: Value): OnnxValue {
  return g.channelsLast ? l.nchw(value) : l.plain(value);
}

function channelsLast(l: Lowering, g: ConvGeometry, value: Value): OnnxValue {
  const plain = l.plain(value);
  return g.channelsLast ? plain : l.transpose(plain, [0, 2, 3, 1]);
}
