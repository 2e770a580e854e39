// One convolution, in the form that runs fastest.
import type { OnnxAttr, OnnxValue } from '../onnx/onnx-graph.js';
import type { Lowering } from './lowering.js';
import { reversed } from './slice.js';

/** The domain of ONNX Runtime's kernels for images whose channels are stored in blocks. */
const BLOCKED_DOMAIN = 'com.microsoft.nchwc';
/** Below this many products per output number, putting channels into blocks costs more than it gains. */
const LEAST_PRODUCTS = 256;

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
    if ((c.groups ?? 1) === 1 && 2 * outChannels <= inChannels && canSpread(c)) return spread(l, c);
    if (worthBlocks(l, c)) return blocked(l, c);
  }
  const weights = l.transpose(
    c.turned ? reversed(l, c.filter, [0, 1]) : c.filter,
    c.turned ? [2, 3, 0, 1] : [3, 2, 0, 1],
  );
  return emit(l, 'Conv', [c.image, weights, c.bias], c, [...c.pads]);
}

function canSpread(c: Convolution): boolean {
  return c.strides[0] === 1 && c.strides[1] === 1 && spreadPads(c).every((size) => size >= 0);
}

/**
 * With few channels out, spread each input over its neighbours instead of gathering them: the runtime's buffer of shifted copies
 * then has the size of the result's channels, not of the image's.
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
  const { groups = 1 } = c;
  const [batch = 1, channels = 1] = c.image.shape;
  const inChannels = channels / groups;
  const [, outChannels = 1, ...size] = c.shape;
  const { block } = l;
  const blocks = Math.ceil(outChannels / block);
  const inBlocks = inChannels < block ? [inChannels] : [inChannels / block, block];
  const turned = c.turned ? l.transpose(reversed(l, c.filter, [0, 1]), [0, 1, 3, 2]) : c.filter; // [kh, kw, in, out]
  const split = l.reshape(filled(l, turned, blocks * block), [
    ...c.kernel,
    ...inBlocks,
    blocks,
    block,
  ]);
  const perm = inBlocks.length === 1 ? [3, 2, 0, 1, 4] : [4, 2, 0, 1, 3, 5];
  const weights = l.reshape(l.transpose(split, perm), [blocks * block, inChannels, ...c.kernel]);
  const reorder = { shape: c.image.shape, dtype: 'float32' as const };
  const image =
    inBlocks.length === 1
      ? c.image
      : l.emit('ReorderInput', [c.image], {}, reorder, BLOCKED_DOMAIN);
  const bias = c.bias === null ? [] : [filled(l, c.bias, blocks * block)];
  const type = { shape: [batch, blocks * block, ...size], dtype: 'float32' as const };
  const attrs = { auto_pad: 'NOTSET', ...attrsOf(c, [...c.pads]), group: groups };
  const result = l.emit('Conv', [image, weights, ...bias], attrs, type, BLOCKED_DOMAIN);
  return l.emit(
    'ReorderOutput',
    [result],
    { channels: outChannels },
    { shape: c.shape, dtype: 'float32' },
    BLOCKED_DOMAIN,
  );
}

/** Zeros after the last entry of the last axis, up to the given size. */
function filled(l: Lowering, x: OnnxValue, size: number): OnnxValue {
  const last = x.shape.at(-1) ?? 1;
  if (last === size) return x;
  const zeros = new Array<number>(2 * x.shape.length).fill(0);
  const shape = [...x.shape.slice(0, -1), size];
  return l.emit(
    'Pad',
    [x, l.ints([...zeros.slice(1), size - last])],
    { mode: 'constant' },
    { shape, dtype: x.dtype },
  );
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
