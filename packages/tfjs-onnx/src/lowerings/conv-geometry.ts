import { backend_util } from '@tensorflow/tfjs-core';
import { describeNode, sizeOf, type Node } from '../graph/graph.js';
import type { OnnxAttr } from '../onnx/onnx-graph.js';
import { TfjsOnnxError } from '../tfjs-onnx-error.js';
import { unsupported } from './kernel.js';

/** Attributes that tfjs's convolutions share. */
export interface ConvAttrs {
  readonly strides: [number, number] | number;
  readonly pad: 'valid' | 'same' | number | backend_util.ExplicitPadding;
  readonly dataFormat?: 'NHWC' | 'NCHW';
  readonly dilations?: [number, number] | number;
  readonly dimRoundingMode?: 'floor' | 'round' | 'ceil';
}

/** Sizes of windows that move over an image or a volume, each with one number per spatial axis. */
export interface WindowGeometry {
  readonly batch: number;
  readonly inChannels: number;
  readonly outChannels: number;
  readonly input: readonly number[];
  readonly output: readonly number[];
  readonly kernel: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  /** Zeros before the first position of each axis. */
  readonly before: readonly number[];
  /** Zeros after the last position that the output needs; negative if it leaves some of the input unread. */
  readonly after: readonly number[];
  readonly outShape: readonly number[];
}

/** Sizes of a convolution of images, all as [height, width]. */
export interface ConvGeometry extends WindowGeometry {
  readonly input: readonly [number, number];
  readonly output: readonly [number, number];
  readonly kernel: readonly [number, number];
  readonly strides: readonly [number, number];
  readonly dilations: readonly [number, number];
  readonly before: readonly [number, number];
  readonly after: readonly [number, number];
  readonly channelsLast: boolean;
}

/** Work out a convolution's sizes from tfjs's shapes and attributes. */
export function convGeometry(
  xShape: readonly number[],
  filterShape: readonly number[],
  attrs: ConvAttrs,
  depthwise = false,
): ConvGeometry {
  const format = attrs.dataFormat ?? 'NHWC';
  const info = backend_util.computeConv2DInfo(
    four(xShape),
    four(filterShape),
    attrs.strides,
    attrs.dilations ?? 1,
    attrs.pad,
    attrs.dimRoundingMode,
    depthwise,
    backend_util.convertConv2DDataFormat(format),
  );
  return geometry(info, [info.filterHeight, info.filterWidth]);
}

/** Work out a pool's sizes from tfjs's shapes and attributes. */
export function poolGeometry(
  xShape: readonly number[],
  attrs: Omit<ConvAttrs, 'dilations'> & { readonly filterSize: [number, number] | number },
): ConvGeometry {
  const info = backend_util.computePool2DInfo(
    four(xShape),
    attrs.filterSize,
    attrs.strides,
    1,
    attrs.pad,
    attrs.dimRoundingMode,
    'channelsLast',
  );
  return geometry(info, [info.filterHeight, info.filterWidth]);
}

/**
 * Refuse images that are smaller than the window, and windows that ONNX would place otherwise: given one number as padding, tfjs works
 * out the width of the result by the height of the window.
 */
export function checkWindows(call: Pick<Node, 'kernel' | 'op'>, g: WindowGeometry): void {
  if (g.output.some((size) => size < 1)) {
    throw new TfjsOnnxError(
      'TFJS_ONNX_BAD_INPUT',
      `${describeNode(call)}: expected an image at least as large as the window, got [${g.input.join(', ')}] for a window of [${g.kernel.join(', ')}].`,
      { hint: "Take larger images, a smaller window or dilation, or the padding 'same'." },
    );
  }
  if (g.after.some((size, i) => size <= -(g.strides[i] ?? 1))) {
    throw unsupported(
      call,
      'padding by one number with windows or strides that are not square',
      "Give the padding of each side, [[0, 0], [top, bottom], [left, right], [0, 0]], or 'valid' or 'same'.",
    );
  }
}

/** ONNX attributes of a convolution or pool. Reading less than the whole input is cut off by ONNX's own rounding down. */
export function convAttrs(
  g: WindowGeometry,
  parts: { readonly dilations: boolean },
): Record<string, OnnxAttr> {
  const attrs: Record<string, OnnxAttr> = {
    kernel_shape: [...g.kernel],
    strides: [...g.strides],
    pads: [...g.before, ...g.after.map((size) => Math.max(0, size))],
  };
  return parts.dilations ? { ...attrs, dilations: [...g.dilations] } : attrs;
}

/** How far a kernel reaches: its size with dilation. */
function reachOf(g: ConvGeometry): [number, number] {
  return [(g.kernel[0] - 1) * g.dilations[0] + 1, (g.kernel[1] - 1) * g.dilations[1] + 1];
}

/** Zeros around the result's gradient, [top, left, bottom, right], whose convolution with the turned filter is the image's gradient. */
export function turnedPads(g: ConvGeometry): readonly [number, number, number, number] {
  const [rows, columns] = reachOf(g).map((reach) => reach - 1) as [number, number];
  return [rows - g.before[0], columns - g.before[1], rows - g.after[0], columns - g.after[1]];
}

/** Twice the multiplications of a convolution and of each of its gradients. */
export function convFlop(g: WindowGeometry, depthwise = false): number {
  const perOutput = 2 * sizeOf(g.kernel) * (depthwise ? 1 : g.inChannels);
  return perOutput * sizeOf(g.outShape);
}

type Info = ReturnType<typeof backend_util.computeConv2DInfo>;

function geometry(info: Info, kernel: [number, number]): ConvGeometry {
  const { strideHeight, strideWidth, dilationHeight, dilationWidth, padInfo } = info;
  const reach = [
    (kernel[0] - 1) * dilationHeight + 1,
    (kernel[1] - 1) * dilationWidth + 1,
  ] as const;
  return {
    batch: info.batchSize,
    inChannels: info.inChannels,
    outChannels: info.outChannels,
    input: [info.inHeight, info.inWidth],
    output: [info.outHeight, info.outWidth],
    kernel,
    strides: [strideHeight, strideWidth],
    dilations: [dilationHeight, dilationWidth],
    before: [padInfo.top, padInfo.left],
    after: [
      (info.outHeight - 1) * strideHeight + reach[0] - info.inHeight - padInfo.top,
      (info.outWidth - 1) * strideWidth + reach[1] - info.inWidth - padInfo.left,
    ],
    channelsLast: info.dataFormat === 'channelsLast',
    outShape: info.outShape,
  };
}

function four(shape: readonly number[]): [number, number, number, number] {
  return [shape[0] ?? 1, shape[1] ?? 1, shape[2] ?? 1, shape[3] ?? 1];
}
