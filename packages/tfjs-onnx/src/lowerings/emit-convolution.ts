// One convolution, in the form that runs fastest.
import type { OnnxAttr, OnnxValue } from '../onnx/onnx-graph.js';
import {
  blockedConv,
  blockedFilter,
  blockedFilterOfSwapped,
  fromBlocks,
  padAxis,
  padBlockColumns,
  toBlocks,
} from './blocked-layout.js';
import { columnsAsChannels, worthColumnsAsChannels } from './columns-as-channels.js';
import { bestHalvings, inBatches } from './fewer-products.js';
import type { Lowering } from './lowering.js';
import { reversed } from './slice.js';

/** Below this many products per output number, putting channels into blocks costs more than it gains. */
const LEAST_PRODUCTS = 96;
/**
 * The runtime computes columns that read zeros beyond the image one by one: from this share of the result on, writing the zeros out
 * first is quicker (64 planes, 7 × 7, 14 pixels wide: by a third; 28 wide: by a sixth).
 */
const MOST_BORDER = 0.15;
/** The runtime fills channels up to whole blocks, of 8 or 16: for fewer ones out it computes mostly what nobody reads. */
const LEAST_BLOCK = 8;
const WIDEST_BLOCK = 16;
/** From this many numbers of a kernel on, writing an image out with its border takes little time against its products. */
const LARGE_KERNEL = 25;

/** A convolution of an image with channels first. Pairs are [height, width]. */
export interface Convolution {
  /** [B, in, H, W] */
  readonly image: OnnxValue;
  /** [kh, kw, in, out], or [kh, kw, out, in] if `turned`; with groups [kh, kw, in / groups, out]. */
  readonly filter: OnnxValue;
  /** True if the filter is turned around by 180 degrees and its channels change roles, as for the gradient of the image. */
  readonly turned: boolean;
  readonly bias: OnnxValue | null;
  readonly kernel: readonly [number, number];
  readonly strides: readonly [number, number];
  readonly dilations: readonly [number, number];
  /** Zeros before rows and columns, then after them; none negative. */
  readonly pads: readonly [number, number, number, number];
  /** [B, out, h, w] */
  readonly shape: readonly number[];
  /** How many parts of the channels are convolved apart. Default 1. */
  readonly groups?: number;
}

/** Emit a convolution; the result has its channels first. */
export function emitConvolution(l: Lowering, c: Convolution): OnnxValue {
  const [, inChannels = 1] = c.image.shape;
  const [, outChannels = 1] = c.shape;
  if (l.target === 'cpu') {
    if (worthBlocks(l, c)) return blocked(l, c);
    if (isPlain(c) && worthColumnsAsChannels(l, c, l.block))
      // The runtime puts the second part into blocks by itself, as its filter is a constant.
      return columnsAsChannels(
        l,
        c,
        (part) => blocked(l, part),
        (part) => plain(l, part),
      );
    if ((c.groups ?? 1) === 1 && 2 * outChannels <= inChannels && canSpread(c)) return spread(l, c);
  }
  if (l.target !== 'cpu' && isPlain(c)) {
    if (l.target === 'portable' && worthColumnsAsChannels(l, c, WIDEST_BLOCK))
      return columnsAsChannels(l, c, (part) => plain(l, part));
    if (outChannels < LEAST_BLOCK && inChannels >= 2 * LEAST_BLOCK && canSpread(c))
      return spread(l, c);
    if (l.target === 'portable' && worthColumns(c)) return plain(l, withColumns(l, c));
  }
  return plain(l, c);
}

function plain(l: Lowering, c: Convolution): OnnxValue {
  const weights = l.transpose(
    c.turned ? reversed(l, c.filter, [0, 1]) : c.filter,
    c.turned ? [2, 3, 0, 1] : [3, 2, 0, 1],
  );
  return emit(l, 'Conv', [c.image, weights, c.bias], c, [...c.pads]);
}

/** Whether many of the columns that a runtime with blocks computes read zeros beyond the image. */
function worthColumns({ image, kernel, pads, shape }: Convolution): boolean {
  const [, inChannels = 1] = image.shape;
  const [, outChannels = 1, , width = 1] = shape;
  return (
    kernel[0] * kernel[1] >= LARGE_KERNEL &&
    Math.min(inChannels, outChannels) >= 2 * LEAST_BLOCK &&
    pads[1] + pads[3] >= MOST_BORDER * width
  );
}

/** The same with columns of zeros in the image. As lines, since the runtime would move plain padding back into the convolution. */
function withColumns(l: Lowering, c: Convolution): Convolution {
  const [batch = 1, channels = 1, height = 1, width = 1] = c.image.shape;
  const [top, left, bottom, right] = c.pads;
  const lines = l.reshape(c.image, [batch * channels * height, width]);
  const image = l.reshape(padAxis(l, lines, 1, left, right), [
    ...[batch, channels, height],
    width + left + right,
  ]);
  return { ...c, image, pads: [top, 0, bottom, 0] };
}

function canSpread(c: Convolution): boolean {
  return c.strides[0] === 1 && c.strides[1] === 1 && spreadPads(c).every((size) => size >= 0);
}

/**
 * With few channels out, spread each input over its neighbours instead of gathering them: the runtime's buffer of shifted copies
 * then has the size of the result's channels, not of the image's. On a card tiles of numbers are computed by 32 channels, needed or
 * not.
 */
function spread(l: Lowering, c: Convolution): OnnxValue {
  const weights = l.transpose(
    c.turned ? c.filter : reversed(l, c.filter, [0, 1]),
    c.turned ? [3, 2, 0, 1] : [2, 3, 0, 1],
  );
  return emit(l, 'ConvTranspose', [c.image, weights, c.bias], c, spreadPads(c));
}

function spreadPads({ kernel, dilations, pads }: Convolution): number[] {
  return pads.map((size, i) => ((kernel[i % 2] ?? 1) - 1) * (dilations[i % 2] ?? 1) - size);
}

function worthBlocks(l: Lowering, c: Convolution): boolean {
  const { groups = 1 } = c;
  const [inChannels, outChannels] = [c.image.shape, c.shape].map(([, all = 1]) => all / groups) as [
    number,
    number,
  ];
  // The runtime's blocks must not reach over the border of a group.
  if (groups > 1 && (inChannels % l.block !== 0 || outChannels % l.block !== 0)) return false;
  if (l.block === 0 || outChannels < l.block) return false;
  return (
    (inChannels < l.block || inChannels % l.block === 0) &&
    c.kernel[0] * c.kernel[1] * inChannels >= LEAST_PRODUCTS
  );
}

/** With channels in blocks of the processor's vector width; images of fewer channels stay as they are. */
function blocked(l: Lowering, c: Convolution): OnnxValue {
  const inChannels = (c.image.shape[1] ?? 1) / (c.groups ?? 1);
  const [, channels = 1, ...size] = c.shape;
  const given = c.turned ? reversed(l, c.filter, [0, 1]) : c.filter;
  const filter = c.turned ? l.transpose(given, [0, 1, 3, 2]) : given; // [kh, kw, in, out]
  const wholeBlocks = inChannels % l.block === 0 && channels % l.block === 0;
  const weights =
    c.turned && wholeBlocks ? blockedFilterOfSwapped(l, given) : blockedFilter(l, filter);
  const conv = (image: OnnxValue, pads: readonly number[]): OnnxValue =>
    fromBlocks(
      l,
      blockedConv(l, image, weights, c.bias, { channels, size, attrs: attrsOf(c, [...pads]) }),
    );
  if (inChannels < l.block) return conv(c.image, c.pads);
  const image = toBlocks(l, c.image);
  if (isPlain(c)) {
    const [, , rows = 1, columns = 1] = c.shape;
    const halved = { image, filter, bias: c.bias, pads: c.pads, size: [rows, columns] as const };
    const halvings = bestHalvings(halved);
    if (halvings > 0) return fromBlocks(l, inBatches(l, halved, halvings));
  }
  const [top, left, bottom, right] = c.pads;
  const width = size[1] ?? 1;
  if ((left + right) / c.strides[1] < MOST_BORDER * width) return conv(image.value, c.pads);
  return conv(padBlockColumns(l, image, left, right).value, [top, 0, bottom, 0]);
}

function isPlain({ strides, dilations, groups = 1 }: Convolution): boolean {
  return groups === 1 && [...strides, ...dilations].every((step) => step === 1);
}

function emit(
  l: Lowering,
  op: string,
  inputs: readonly (OnnxValue | null)[],
  c: Convolution,
  pads: number[],
): OnnxValue {
  const present = inputs.filter((input) => input !== null);
  return l.emit(op, present, attrsOf(c, pads), { shape: c.shape, dtype: 'float32' });
}

function attrsOf(
  { kernel, strides, dilations, groups = 1 }: Convolution,
  pads: number[],
): Record<string, OnnxAttr> {
  const shared = {
    kernel_shape: [...kernel],
    strides: [...strides],
    dilations: [...dilations],
    pads,
  };
  return groups === 1 ? shared : { ...shared, group: groups };
}
