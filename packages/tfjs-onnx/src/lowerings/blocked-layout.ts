// Images whose channels stand in blocks, as ONNX Runtime's fastest convolutions on processors take them: [B, C / block, H, W, block].
// The runtime passes them with the shape [B, C, H, W], C filled up to whole blocks; only its own operators and those that move whole
// blocks may touch them.
import type { OnnxAttr, OnnxValue } from '../onnx/onnx-graph.js';
import type { Lowering } from './lowering.js';

/** The domain of ONNX Runtime's kernels for images whose channels are stored in blocks. */
export const BLOCKED_DOMAIN = 'com.microsoft.nchwc';

/** An image in blocks, and its channels without those that fill the last block. */
export interface BlockedImage {
  readonly value: OnnxValue;
  readonly channels: number;
}

/** From channels first, [B, C, H, W], C a multiple of the block. */
export function toBlocks(l: Lowering, image: OnnxValue): BlockedImage {
  const type = { shape: image.shape, dtype: image.dtype };
  const value = l.emit('ReorderInput', [image], {}, type, BLOCKED_DOMAIN);
  return { value, channels: image.shape[1] ?? 1 };
}

/** To channels first, [B, C, H, W]. */
export function fromBlocks(l: Lowering, { value, channels }: BlockedImage): OnnxValue {
  const [batch = 1, , ...size] = value.shape;
  const type = { shape: [batch, channels, ...size], dtype: value.dtype };
  return l.emit('ReorderOutput', [value], { channels }, type, BLOCKED_DOMAIN);
}

/**
 * A filter as blocked convolutions take it: [out / block, in / block, kh, kw, block, block], or, for an image of fewer channels than
 * a block, [out / block, in, kh, kw, block].
 *
 * @param filter [kh, kw, in, out]
 */
export function blockedFilter(l: Lowering, filter: OnnxValue): OnnxValue {
  const { block } = l;
  const [rows = 1, columns = 1, inChannels = 1, outChannels = 1] = filter.shape;
  const blocks = Math.ceil(outChannels / block);
  const inside = inChannels < block ? 1 : block; // input channels that stand together
  const whole = padAxis(l, filter, 3, 0, blocks * block - outChannels);
  // Two moves of one axis each: the runtime has fast code for those, and takes four times as long for both at once.
  const lines = l.reshape(whole, [rows * columns * inChannels, blocks, block]);
  const byOut = l.reshape(l.transpose(lines, [1, 0, 2]), [
    blocks,
    rows * columns,
    inChannels / inside,
    inside * block,
  ]);
  return l.reshape(l.transpose(byOut, [0, 2, 1, 3]), [blocks * block, inChannels, rows, columns]);
}

/**
 * The same of a filter whose channels are given in each other's place, in one move less than by putting them right first.
 *
 * @param filter [kh, kw, out, in], both numbers of channels whole blocks
 */
export function blockedFilterOfSwapped(l: Lowering, filter: OnnxValue): OnnxValue {
  const { block } = l;
  const [rows = 1, columns = 1, outChannels = 1, inChannels = 1] = filter.shape;
  const taps = rows * columns;
  const blocks = (outChannels * inChannels) / block ** 2;
  const lines = l.reshape(filter, [(taps * outChannels) / block, block, inChannels]);
  const turned = l.reshape(l.transpose(lines, [0, 2, 1]), [taps, blocks, block ** 2]);
  return l.reshape(l.transpose(turned, [1, 0, 2]), [outChannels, inChannels, rows, columns]);
}

/** A convolution of an image in blocks, or of one with channels first that has fewer channels than a block. */
export function blockedConv(
  l: Lowering,
  image: OnnxValue,
  filter: OnnxValue,
  bias: OnnxValue | null,
  options: {
    readonly channels: number;
    readonly size: readonly number[];
    readonly attrs: Readonly<Record<string, OnnxAttr>>;
    /** Added to the result: an image in blocks of the same size. */
    readonly sum?: OnnxValue | null;
  },
): BlockedImage {
  const [batch = 1] = image.shape;
  const [whole = 1] = filter.shape;
  const shift = bias === null ? null : padAxis(l, bias, 0, 0, whole - options.channels);
  const { sum = null } = options;
  const more = sum === null ? [shift] : [shift, sum];
  const value = l.emit(
    'Conv',
    [image, filter, ...(sum === null && shift === null ? [] : more)],
    { auto_pad: 'NOTSET', group: 1, ...options.attrs },
    { shape: [batch, whole, ...options.size], dtype: 'float32' },
    BLOCKED_DOMAIN,
  );
  return { value, channels: options.channels };
}

/** Columns of zeros before and after an image in blocks. */
export function padBlockColumns(
  l: Lowering,
  { value, channels }: BlockedImage,
  before: number,
  after: number,
): BlockedImage {
  const [batch = 1, whole = 1, height = 1, width = 1] = value.shape;
  const lines = l.reshape(value, [(batch * whole * height) / l.block, width, l.block]);
  const wide = padAxis(l, lines, 1, before, after);
  const shape = [batch, whole, height, width + before + after];
  return { value: l.reshape(wide, shape), channels };
}

/** Zeros before and after the entries of one axis. */
export function padAxis(
  l: Lowering,
  x: OnnxValue,
  axis: number,
  before: number,
  after: number,
): OnnxValue {
  if (before <= 0 && after <= 0) return x;
  const at = (amount: number): number[] =>
    x.shape.map((_, i) => (i === axis ? Math.max(0, amount) : 0));
  const shape = x.shape.map((size, i) =>
    i === axis ? size + Math.max(0, before) + Math.max(0, after) : size,
  );
  const amounts = l.ints([...at(before), ...at(after)]);
  return l.emit('Pad', [x, amounts], { mode: 'constant' }, { shape, dtype: x.dtype });
}
