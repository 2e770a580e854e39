// Gradients of a dilated convolution, for which tfjs has no kernels. Dilation excludes strides in tfjs, so both are plain convolutions:
// dx = dy ∗ flipped filter with the same dilation; dw = x ∗ dy with the batch as channels and the dilation as stride.
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import type { ConvAttrs, Pair, Shape4D } from './conv-attrs.js';

type DilatedAttrs = ConvAttrs & { dilations: Pair };

/** Gradient of a dilated `Conv2D` of stride 1 by its input. */
export function dilatedInputGradient(
  xShape: Shape4D,
  dy: Tensor4D,
  filter: Tensor4D,
  attrs: DilatedAttrs,
): Tensor4D {
  const info = convInfo(xShape, filter.shape, attrs);
  const { padInfo } = info;
  const rows = fullPadding(info.effectiveFilterHeight, padInfo.top, info.inHeight, info.outHeight);
  const columns = fullPadding(info.effectiveFilterWidth, padInfo.left, info.inWidth, info.outWidth);
  const flipped = tf.transpose(tf.reverse(filter, [0, 1]), [0, 1, 3, 2]); // [kh, kw, Co, Ci]
  const padded = padOrCut(toNhwc(dy, attrs), rows, columns);
  const dx = tf.conv2d(padded, flipped, 1, 'valid', 'NHWC', attrs.dilations);
  return fromNhwc(dx, attrs);
}

/** Gradient of a dilated `Conv2D` of stride 1 by its filter. */
export function dilatedFilterGradient(
  x: Tensor4D,
  dy: Tensor4D,
  filterShape: Shape4D,
  attrs: DilatedAttrs,
): Tensor4D {
  const { padInfo } = convInfo(x.shape, filterShape, attrs);
  const images = tf.transpose(toNhwc(x, attrs), [3, 1, 2, 0]); // [Ci, H, W, B]
  const filter = tf.transpose(toNhwc(dy, attrs), [1, 2, 0, 3]); // [H', W', B, Co]
  const padded = padOrCut(images, [padInfo.top, padInfo.bottom], [padInfo.left, padInfo.right]);
  const dw = tf.conv2d(padded, filter, attrs.dilations, 'valid'); // [Ci, kh, kw, Co]
  return tf.transpose(dw, [1, 2, 0, 3]);
}

function convInfo(
  xShape: Shape4D,
  filterShape: Shape4D,
  attrs: DilatedAttrs,
): tf.backend_util.Conv2DInfo {
  return tf.backend_util.computeConv2DInfo(
    xShape,
    filterShape,
    attrs.strides,
    attrs.dilations,
    attrs.pad,
    attrs.dimRoundingMode,
    false,
    tf.backend_util.convertConv2DDataFormat(attrs.dataFormat),
  );
}

/** Padding with which a window of `span` over `out` positions gives `size` positions again. */
function fullPadding(span: number, before: number, size: number, out: number): [number, number] {
  const first = span - 1 - before;
  return [first, size + span - 1 - out - first];
}

/** Pads the spatial axes; a negative amount cuts off positions that only ever saw padding. */
function padOrCut(x: Tensor4D, rows: [number, number], columns: [number, number]): Tensor4D {
  const amounts = [[0, 0], rows, columns, [0, 0]] as [number, number][];
  const cut = amounts.some((pair) => pair.some((n) => n < 0))
    ? tf.slice(
        x,
        amounts.map(([before]) => Math.max(-before, 0)),
        amounts.map(([before, after], axis) =>
          before < 0 || after < 0
            ? (x.shape[axis] as number) + Math.min(before, 0) + Math.min(after, 0)
            : -1,
        ),
      )
    : x;
  return tf.pad(
    cut,
    amounts.map(([before, after]): [number, number] => [Math.max(before, 0), Math.max(after, 0)]),
  );
}

function toNhwc(x: Tensor4D, { dataFormat }: ConvAttrs): Tensor4D {
  return dataFormat === 'NCHW' ? tf.transpose(x, [0, 2, 3, 1]) : x;
}

function fromNhwc(x: Tensor4D, { dataFormat }: ConvAttrs): Tensor4D {
  return dataFormat === 'NCHW' ? tf.transpose(x, [0, 3, 1, 2]) : x;
}
