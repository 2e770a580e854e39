// Convolutions to few channels, in two: the columns of the filter as channels of their own, then each of these moved to its place.
//
// A result of 3 channels fills a part of a block, and computing whole blocks multiplies mostly for nobody. But
//
//   result[y, x]  =  Σ_c columns_c[y, x + c],   columns_c[y, x]  =  Σ_r filter[r, c] · image[y + r, x]
//
// and all columns_c together are one convolution with kh × 1 numbers a channel: 3 channels of a filter 5 wide are 15. The sum is a
// second one, with ones and zeros, on images as small as the result.
import type { OnnxValue } from '../onnx/onnx-graph.js';
import type { Convolution } from './emit-convolution.js';
import type { Lowering } from './lowering.js';
import { reversed } from './slice.js';

/** The share of the blocks' channels that has to be used. */
const LEAST_USE = 0.5;

/**
 * Whether the columns of the filter fill blocks well, where the result does not. On one thread this takes about as long as other
 * forms, on two a quarter less; a training step, whose filter the runtime cannot prepare, gains nothing.
 */
export function worthColumnsAsChannels(l: Lowering, c: Convolution, block: number): boolean {
  const [, inChannels = 1] = c.image.shape;
  const [, outChannels = 1] = c.shape;
  const columns = c.kernel[1] * outChannels;
  return (
    block > 0 &&
    l.isStored(c.filter) &&
    c.kernel[1] > 1 &&
    outChannels < block &&
    inChannels % block === 0 &&
    2 * outChannels <= inChannels &&
    columns >= LEAST_USE * block * Math.ceil(columns / block)
  );
}

/**
 * The convolution, with stride 1 and one group, in two.
 *
 * @param emit emits a convolution as it stands
 * @param emitSum the same for the second
 */
export function columnsAsChannels(
  l: Lowering,
  c: Convolution,
  emit: (c: Convolution) => OnnxValue,
  emitSum: (c: Convolution) => OnnxValue = emit,
): OnnxValue {
  const [batch = 1, inChannels = 1, , width = 1] = c.image.shape;
  const [, outChannels = 1, rows = 1] = c.shape;
  const [taps, across] = c.kernel;
  const [top, left, bottom, right] = c.pads;
  const channels = across * outChannels;
  const filter = c.turned ? reversed(l, c.filter, [0, 1]) : c.filter;
  const byColumn = l.transpose(filter, c.turned ? [0, 3, 1, 2] : [0, 2, 1, 3]); // [kh, in, kw, out]
  const columns = emit({
    ...c,
    filter: l.reshape(byColumn, [taps, 1, inChannels, channels]),
    turned: false,
    bias: null,
    kernel: [taps, 1],
    pads: [top, 0, bottom, 0],
    shape: [batch, channels, rows, width],
  });
  return emitSum({
    ...c,
    image: columns,
    filter: l.constant([1, across, channels, outChannels], 'float32', places(across, outChannels)),
    turned: false,
    kernel: [1, across],
    pads: [0, left, 0, right],
  });
}

/** [1, kw, kw · out, out]: column c is read c pixels on, and its channels stay apart. */
function places(across: number, out: number): Float32Array {
  const values = new Float32Array(across * across * out * out);
  for (let column = 0; column < across; column += 1)
    for (let channel = 0; channel < out; channel += 1)
      values[((column * across + column) * out + channel) * out + channel] = 1;
  return values;
}
