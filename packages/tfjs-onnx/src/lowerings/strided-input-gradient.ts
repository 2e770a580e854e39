// The gradient of a strided convolution's image, as convolutions of stride 1.
//
//   dX[i] = Σ over taps k with s | i + p − k of G[(i + p − k) / s] · W[k]
//
// The rows i of equal i mod s read the same taps r, r + s, r + 2s, …, r = (i + p) mod s: each of these s phases is a convolution of the
// gradient with a part of the filter, turned around. Columns likewise, so s² small convolutions, whose results are then interleaved.
// They multiply nothing in vain and run on the blocked kernels; ONNX Runtime's ConvTranspose writes all products out and adds them up.
import type { OnnxValue } from '../onnx/onnx-graph.js';
import {
  blockedConv,
  blockedFilter,
  blockedFilterOfSwapped,
  fromBlocks,
  padAxis,
  toBlocks,
} from './blocked-layout.js';
import type { ConvGeometry } from './conv-geometry.js';
import type { Lowering } from './lowering.js';
import { BEFORE_START, strided } from './slice.js';

/** Below this many products per output number, moving channels into blocks and out costs more than it gains. */
const LEAST_PRODUCTS = 64;

/** The rows (or columns) of the image with one remainder. */
interface Phase {
  /** The first of its taps; the others follow at the distance of the stride. */
  readonly tap: number;
  readonly taps: number;
  /** Zeros that its convolution reads before the gradient, and after it. */
  readonly pads: readonly [number, number];
  /** How many rows have this remainder and read the gradient. */
  readonly rows: number;
}

/** Whether the gradient can be, and had better be, taken apart. */
export function worthPhases(l: Lowering, g: ConvGeometry): boolean {
  const { block } = l;
  const { inChannels, outChannels, kernel, strides } = g;
  if (l.target !== 'cpu' || block === 0 || inChannels < block) return false;
  if (outChannels >= block && outChannels % block !== 0) return false;
  if (g.dilations.some((step) => step !== 1) || strides[0] * strides[1] === 1) return false;
  const products = (kernel[0] * kernel[1] * outChannels) / (strides[0] * strides[1]);
  return products >= LEAST_PRODUCTS && phasesOf(g, 0) !== null && phasesOf(g, 1) !== null;
}

/**
 * The gradient [B, in, H, W].
 *
 * @param dy [B, out, h, w]
 * @param filter [kh, kw, in, out]
 */
export function inPhases(
  l: Lowering,
  g: ConvGeometry,
  dy: OnnxValue,
  filter: OnnxValue,
): OnnxValue {
  const image = g.outChannels < l.block ? dy : toBlocks(l, dy).value;
  const columns = phasesOf(g, 1) ?? [];
  const rows = (phasesOf(g, 0) ?? []).map((row) =>
    interleaved(
      l,
      columns.map((column) => phase(l, g, image, filter, row, column)),
      2,
    ),
  );
  const whole = interleaved(l, rows, 1);
  return fromBlocks(l, { value: cut(l, g, whole), channels: g.inChannels });
}

function phasesOf(g: ConvGeometry, axis: 0 | 1): Phase[] | null {
  const stride = g.strides[axis];
  const count = Math.ceil(g.input[axis] / stride);
  const phases = Array.from({ length: stride }, (_, remainder): Phase => {
    const tap = (remainder + g.before[axis]) % stride;
    const from = Math.floor((remainder + g.before[axis]) / stride); // the gradient's row under the first tap
    const taps = Math.ceil((g.kernel[axis] - tap) / stride);
    const after = from + count - g.output[axis];
    // The last rows may read nothing but zeros: they are filled in later.
    const unread = Math.max(0, after - (taps - 1));
    return { tap, taps, pads: [taps - 1 - from, after - unread], rows: count - unread };
  });
  const possible = phases.every(
    ({ taps, pads, rows }) => taps > 0 && rows > 0 && pads.every((size) => size >= 0),
  );
  return possible ? phases : null;
}

/** One phase of rows and columns, in blocks. */
function phase(
  l: Lowering,
  g: ConvGeometry,
  image: OnnxValue,
  filter: OnnxValue,
  row: Phase,
  column: Phase,
): OnnxValue {
  const last = [row, column].map(
    ({ tap, taps }, axis) => tap + (taps - 1) * (g.strides[axis] ?? 1),
  );
  const shape = [row.taps, column.taps, ...filter.shape.slice(2)];
  const part = strided(
    l,
    filter,
    [0, 1],
    last,
    [row, column].map(({ tap }) => (tap === 0 ? BEFORE_START : tap - 1)),
    g.strides.map((step) => -step),
    shape,
  );
  const wholeBlocks = g.inChannels % l.block === 0 && g.outChannels % l.block === 0;
  const weights = wholeBlocks
    ? blockedFilterOfSwapped(l, part)
    : blockedFilter(l, l.transpose(part, [0, 1, 3, 2])); // of [kh, kw, out, in]
  const { value } = blockedConv(l, image, weights, null, {
    channels: g.inChannels,
    size: [row.rows, column.rows],
    attrs: {
      kernel_shape: [row.taps, column.taps],
      strides: [1, 1],
      dilations: [1, 1],
      pads: [row.pads[0], column.pads[0], row.pads[1], column.pads[1]],
    },
  });
  const [batch = 1, channels = 1] = value.shape;
  const blocks = l.reshape(value, [(batch * channels) / l.block, row.rows, column.rows, l.block]);
  const missing = (axis: 0 | 1, rows: number): number =>
    Math.ceil(g.input[axis] / g.strides[axis]) - rows;
  const tall = padAxis(l, blocks, 1, 0, missing(0, row.rows));
  return padAxis(l, tall, 2, 0, missing(1, column.rows)); // [B · blocks, rows, columns, block]
}

/** The phases' entries along an axis in turn: first of the first, first of the second, … */
function interleaved(l: Lowering, phases: readonly OnnxValue[], axis: number): OnnxValue {
  const [first] = phases;
  if (first === undefined) throw new Error('no phase');
  const { shape, dtype } = first;
  const product = (sizes: readonly number[]): number => sizes.reduce((a, b) => a * b, 1);
  const [count = 1, ...inner] = shape.slice(axis);
  const lines = [product(shape.slice(0, axis)), count];
  const parts = phases.map((part) => l.reshape(part, [...lines, product(inner)]));
  const joined = l.emit(
    'Concat',
    parts,
    { axis: 2 },
    { shape: [...lines, phases.length * product(inner)], dtype },
  );
  return l.reshape(joined, [...shape.slice(0, axis), count * phases.length, ...inner]);
}

/** Without the rows and columns that go beyond the image, in the runtime's shape: [B, channels, H, W]. */
function cut(l: Lowering, g: ConvGeometry, blocks: OnnxValue): OnnxValue {
  const [height, width] = g.input;
  const [lines = 1, , , block = 1] = blocks.shape;
  const shape = [lines, height, width, block];
  const fits = shape.every((size, axis) => size === blocks.shape[axis]);
  const part = fits ? blocks : strided(l, blocks, [1, 2], [0, 0], [height, width], [1, 1], shape);
  return l.reshape(part, [g.batch, (lines * block) / g.batch, height, width]);
}
