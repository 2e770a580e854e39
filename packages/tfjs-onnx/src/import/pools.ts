import * as tf from '@tensorflow/tfjs-core';
import { explicit, refuseWindow, toNchw, toNhwc, windowOf } from './convolutions.js';
import type { OnnxCall } from './onnx-file.js';
import { listOf, type Operator, type RunningCall } from './operator.js';

const ATTRS = ['auto_pad', 'ceil_mode', 'kernel_shape', 'pads', 'strides'];

/** Pools over windows and over whole images. */
export const pools: readonly Operator[] = [
  {
    name: 'MaxPool',
    attrs: [...ATTRS, 'dilations', 'storage_order'],
    refuses: refusePool,
    run: (call) => {
      const { x, kernel, strides, pads } = poolOf(call);
      return toNchw(tf.maxPool(toNhwc(x), kernel, strides, explicit(pads)));
    },
  },
  {
    name: 'AveragePool',
    attrs: [...ATTRS, 'dilations', 'count_include_pad'],
    refuses: (call) => {
      const both = call.attrs['count_include_pad'] === 1 && call.attrs['ceil_mode'] === 1;
      return both ? 'ceil_mode together with count_include_pad' : refusePool(call);
    },
    run: (call) => {
      const { x, kernel, strides, pads } = poolOf(call);
      if (call.int('count_include_pad', 0) === 0)
        return toNchw(tf.avgPool(toNhwc(x), kernel, strides, explicit(pads)));
      const [top = 0, left = 0, bottom = 0, right = 0] = pads;
      const padded = tf.pad(toNhwc(x), [[0, 0], [top, bottom], [left, right], [0, 0]]); // prettier-ignore
      return toNchw(tf.avgPool(padded, kernel, strides, 'valid'));
    },
  },
  {
    name: 'GlobalAveragePool',
    attrs: [],
    run: (call) => tf.mean(call.tensor(0), placesOf(call.tensor(0)), true),
  },
  {
    name: 'GlobalMaxPool',
    attrs: [],
    run: (call) => tf.max(call.tensor(0), placesOf(call.tensor(0)), true),
  },
];

function refusePool(call: OnnxCall): string | null {
  if (listOf(call, 'dilations')?.some((size) => size !== 1)) return 'dilations other than 1';
  if (call.attrs['storage_order'] === 1) return 'column-major storage_order';
  if (call.outputs.slice(1).some((name) => name !== '')) return 'the places of the maxima';
  return refuseWindow(call);
}

interface Pool {
  readonly x: tf.Tensor;
  readonly kernel: [number, number];
  readonly strides: [number, number];
  readonly pads: readonly number[];
}

function poolOf(call: RunningCall): Pool {
  const x = call.tensor(0);
  const kernel = (call.ints('kernel_shape') ?? [1, 1]) as [number, number];
  const { strides, pads } = windowOf(call, x.shape, kernel);
  if (call.int('ceil_mode', 0) === 0) return { x, kernel, strides, pads };
  // A last window that begins within the image counts, so there are as many rows after it as it lacks.
  const after = [0, 1].map((i) => {
    const [size, before, stride] = [x.shape[2 + i] ?? 1, pads[i] ?? 0, strides[i] ?? 1];
    const whole = size + before + (pads[2 + i] ?? 0);
    let count = Math.ceil((whole - (kernel[i] ?? 1)) / stride) + 1;
    if ((count - 1) * stride >= size + before) count -= 1;
    return Math.max(0, (count - 1) * stride + (kernel[i] ?? 1) - size - before);
  });
  return { x, kernel, strides, pads: [...pads.slice(0, 2), ...after] };
}

function placesOf(x: tf.Tensor): number[] {
  return x.shape.map((_, axis) => axis).slice(2);
}
