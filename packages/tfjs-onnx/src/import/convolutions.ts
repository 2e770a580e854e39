import * as tf from '@tensorflow/tfjs-core';
import type { OnnxCall } from './onnx-file.js';
import { listOf, textOf, type Operator, type RunningCall } from './operator.js';

const ATTRS = ['auto_pad', 'dilations', 'group', 'kernel_shape', 'pads', 'strides'];

/** Convolutions, with groups and dilations, and transposed ones. */
export const convolutions: readonly Operator[] = [
  {
    name: 'Conv',
    attrs: ATTRS,
    refuses: (call) => {
      const stretched = (name: string): boolean => listOf(call, name)?.some((n) => n > 1) ?? false;
      if (stretched('strides') && stretched('dilations'))
        return 'strides and dilations that are both more than 1';
      return refuseWindow(call);
    },
    run: (call) => {
      const [x, w] = [call.tensor(0), call.tensor(1)];
      const window = windowOf(call, x.shape, w.shape.slice(2));
      const groups = call.int('group', 1);
      const y = convolve(call, x, w, groups, window); // [B, H', W', out]
      return tf.transpose(call.has(2) ? tf.add(y, call.tensor(2)) : y, TO_NCHW);
    },
  },
  {
    name: 'ConvTranspose',
    attrs: [...ATTRS, 'output_padding'],
    refuses: (call) => {
      if (listOf(call, 'dilations')?.some((size) => size !== 1)) return 'dilations other than 1';
      if (textOf(call, 'auto_pad', 'NOTSET') !== 'NOTSET') return 'auto_pad';
      return refuseWindow(call);
    },
    run: (call) => {
      const [x, w] = [call.tensor(0), call.tensor(1)]; // w [in, out / groups, kh, kw]
      const { pads, strides } = windowOf(call, x.shape, w.shape.slice(2));
      const groups = call.int('group', 1);
      const extra = call.ints('output_padding') ?? [0, 0];
      const [batch = 1, , ...size] = x.shape;
      const out = size.map((length, i) => {
        const reach = w.shape[2 + i] ?? 1;
        return (strides[i] ?? 1) * (length - 1) + (extra[i] ?? 0) + reach - (pads[i] ?? 0) - (pads[i + 2] ?? 0); // prettier-ignore
      }) as [number, number];
      const channels = w.shape[1] ?? 1;
      const filters = tf.split(tf.transpose(w, TURNED), groups, 3); // [kh, kw, out / groups, in / groups] each
      const parts = tf
        .split<tf.Tensor4D>(toNhwc(x), groups, 3)
        .map((part, i) =>
          tf.conv2dTranspose(
            part,
            filters[i] as tf.Tensor4D,
            [batch, ...out, channels],
            strides,
            explicit(pads),
          ),
        );
      const y = groups === 1 ? parts[0]! : tf.concat(parts, 3);
      return tf.transpose(call.has(2) ? tf.add(y, call.tensor(2)) : y, TO_NCHW);
    },
  },
];

const TO_NCHW = [0, 3, 1, 2];
const TO_NHWC = [0, 2, 3, 1];
/** [out, in, kh, kw] to tfjs's [kh, kw, in, out]. */
const TURNED = [2, 3, 1, 0];

/** An image with its channels last; the compiler makes no transpose of it. */
export function toNhwc(x: tf.Tensor): tf.Tensor4D {
  return tf.transpose(x, TO_NHWC) as tf.Tensor4D;
}

/** An image with its channels in second place. */
export function toNchw(x: tf.Tensor): tf.Tensor {
  return tf.transpose(x, TO_NCHW);
}

type Pair = [number, number];

/** Steps and borders of what slides over an image. */
export interface Window {
  readonly strides: Pair;
  readonly dilations: Pair;
  /** Before rows and columns, then after them. */
  readonly pads: readonly number[];
}

function convolve(
  call: RunningCall,
  x: tf.Tensor,
  w: tf.Tensor,
  groups: number,
  { pads, strides, dilations }: Window,
): tf.Tensor {
  const image = toNhwc(x);
  const [out = 1, each = 1] = w.shape;
  if (x.shape[1] !== each * groups)
    throw call.refuse(`expected ${each * groups} channels, got ${x.shape[1]}`);
  if (groups > 1 && each === 1) {
    // [groups · multiplier, 1, kh, kw] to tfjs's [kh, kw, groups, multiplier]
    const split = tf.reshape(w, [groups, out / groups, ...w.shape.slice(2)]);
    const filter = tf.transpose(split, [2, 3, 0, 1]) as tf.Tensor4D;
    return tf.depthwiseConv2d(image, filter, strides, explicit(pads), 'NHWC', dilations);
  }
  const filter = tf.transpose(w, TURNED) as tf.Tensor4D; // [kh, kw, in / groups, out]
  const conv = (part: tf.Tensor4D, of: tf.Tensor4D): tf.Tensor4D =>
    tf.conv2d(part, of, strides, explicit(pads), 'NHWC', dilations);
  if (groups === 1) return conv(image, filter);
  const filters = tf.split<tf.Tensor4D>(filter, groups, 3);
  const parts = tf.split<tf.Tensor4D>(image, groups, 3);
  return tf.concat(parts.map((part, i) => conv(part, filters[i]!)), 3); // prettier-ignore
}

/** What about a sliding window cannot be done; null if nothing. */
export function refuseWindow(call: OnnxCall): string | null {
  const kernel = listOf(call, 'kernel_shape');
  if (kernel !== undefined && kernel.length !== 2) return `a kernel of ${kernel.length} dimensions`;
  if (listOf(call, 'pads')?.some((size) => size < 0)) return 'negative pads';
  return null;
}

/** Steps and borders of a call, for an image [B, C, H, W]. */
export function windowOf(
  call: RunningCall,
  shape: readonly number[],
  kernel: readonly number[],
): Window {
  if (shape.length !== 4)
    throw call.refuse(`expected images [B, C, H, W], got [${shape.join(', ')}]`);
  const strides = pair(call.ints('strides'));
  const dilations = pair(call.ints('dilations'));
  const auto = call.string('auto_pad', 'NOTSET');
  if (auto === 'NOTSET') return { strides, dilations, pads: call.ints('pads') ?? [0, 0, 0, 0] };
  if (auto === 'VALID') return { strides, dilations, pads: [0, 0, 0, 0] };
  const total = [0, 1].map((i) => {
    const [size, stride] = [shape[2 + i] ?? 1, strides[i] ?? 1];
    const reach = ((kernel[i] ?? 1) - 1) * (dilations[i] ?? 1) + 1;
    return Math.max(0, (Math.ceil(size / stride) - 1) * stride + reach - size);
  });
  const less = total.map((size) => Math.floor(size / 2));
  const more = total.map((size) => Math.ceil(size / 2));
  const pads = auto === 'SAME_UPPER' ? [...less, ...more] : [...more, ...less];
  return { strides, dilations, pads };
}

/** Pads as tfjs takes them. */
export function explicit(pads: readonly number[]): 'valid' | tf.backend_util.ExplicitPadding {
  const [top = 0, left = 0, bottom = 0, right = 0] = pads;
  if (pads.every((size) => size === 0)) return 'valid';
  return [[0, 0], [top, bottom], [left, right], [0, 0]]; // prettier-ignore
}

function pair(list: readonly number[] | undefined): Pair {
  return [list?.[0] ?? 1, list?.[1] ?? 1];
}
