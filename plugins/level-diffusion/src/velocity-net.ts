// A small U-Net of residual blocks that is told the time: what diffusion models of images have had since Ho et al. 2020.
import type { Size, Tensors } from '@lapyra/core';
import {
  conv2d,
  inference,
  linear,
  type Module,
  scoped,
  type StateSpec,
  torchDefault,
  upsampleNearest,
} from '@lapyra/nn';
import * as tf from '@tensorflow/tfjs-core';

export interface VelocityNetOptions {
  readonly size: Size;
  readonly channels: number;
  /** Planes at full size; at half size there are twice as many. */
  readonly width: number;
  /** Residual blocks before, at, and after half size, each. */
  readonly blocks: number;
  /** Whether the enlarged image below is given. */
  readonly low: boolean;
  /** Width of the condition vector, or 0. */
  readonly condition: number;
}

/** What the net is given beside x and the time. */
export interface Given {
  readonly low?: tf.Tensor | undefined;
  readonly condition?: tf.Tensor | undefined;
}

export interface VelocityNet {
  readonly state: StateSpec;
  /**
   * @param x [B, H, W, C] of unit variance
   * @param times features of the time, [B, features] or [1, features] for all: see {@link timeFeatures}
   * @returns v [B, H, W, C]
   */
  apply(state: Tensors, x: tf.Tensor, times: tf.Tensor, given: Given): tf.Tensor;
}

const OCTAVES = 5;
const TIME_FEATURES = 2 * OCTAVES;

/** sin and cos of (π/2)·2^j·t for t [B]: [B, features]. */
export function timeFeatures(t: tf.Tensor): tf.Tensor {
  const scales = Array.from({ length: OCTAVES }, (_, octave) => (Math.PI / 2) * 2 ** octave);
  const angles = tf.matMul(tf.reshape(t, [t.shape[0]!, 1]), tf.tensor2d([scales])); // [B, octaves]
  return tf.concat([tf.sin(angles), tf.cos(angles)], 1);
}

/** A net that halves once, where both sides are even; else all its blocks are at full size. */
export function velocityNet(options: VelocityNetOptions): VelocityNet {
  const { size, channels, width, blocks } = options;
  const halves = size.every((side) => side % 2 === 0);
  const inner = halves ? 2 * width : width;
  const state: Record<string, StateSpec[string]> = {};
  const part = (name: string, module: Module): ((given: Tensors, x: tf.Tensor) => tf.Tensor) => {
    const made = scoped(`${name}.`, module);
    Object.assign(state, made.state);
    return (given, x) => made.apply(given, x, inference);
  };
  const told = 4 * width;
  const block = (
    name: string,
    planes: number,
  ): ((given: Tensors, x: tf.Tensor, context: tf.Tensor) => tf.Tensor) => {
    const first = part(`${name}.conv1`, conv2d({ in: planes, out: planes, kernel: 3 }));
    const shift = part(`${name}.told`, linear({ in: told, out: planes, bias: false }));
    // Begins small, so that a deep net begins as a shallow one.
    const small = {
      weight: { uniform: [-0.1, 0.1].map((x) => x / Math.sqrt(9 * planes)) as [number, number] },
    };
    const second = part(
      `${name}.conv2`,
      conv2d({ in: planes, out: planes, kernel: 3, initial: small }),
    );
    return (given, x, context) => {
      const bias = shift(given, context);
      const moved = tf.add(first(given, silu(x)), tf.reshape(bias, [bias.shape[0]!, 1, 1, planes]));
      return tf.add(x, second(given, silu(moved)));
    };
  };
  const each = (name: string, planes: number): ReturnType<typeof block>[] =>
    Array.from({ length: blocks }, (_, at) => block(`${name}${at + 1}`, planes));

  const enter = part(
    'enter',
    conv2d({ in: channels * (options.low ? 2 : 1), out: width, kernel: 3 }),
  );
  const time = part('time', linear({ in: TIME_FEATURES, out: told }));
  const condition =
    options.condition > 0
      ? part('condition', linear({ in: options.condition, out: told, bias: false }))
      : null;
  const before = each('before', width);
  const down = halves
    ? part('down', conv2d({ in: width, out: inner, kernel: 3, stride: 2, padding: 1 }))
    : null;
  const middle = each('middle', inner);
  const up = halves ? part('up', conv2d({ in: inner, out: width, kernel: 3 })) : null;
  const after = each('after', width);
  const leave = part(
    'leave',
    conv2d({ in: width, out: channels, kernel: 3, initial: { weight: torchDefault(9 * width) } }),
  );
  const enlarge = upsampleNearest(2);

  return {
    state,
    apply: (given, x, times, { low, condition: vector }) => {
      const plain = time(given, times); // [B or 1, told]
      const context = silu(condition ? tf.add(plain, condition(given, vector!)) : plain);
      let y = enter(given, low ? tf.concat([x, low], 3) : x); // [B, H, W, width]
      for (const run of before) y = run(given, y, context);
      const skip = y;
      if (down) y = down(given, y); // [B, H/2, W/2, 2·width]
      for (const run of middle) y = run(given, y, context);
      if (up) y = tf.add(skip, up(given, enlarge.apply({}, y, inference)));
      for (const run of after) y = run(given, y, context);
      return leave(given, silu(y));
    },
  };
}

/** x·σ(x). */
function silu(x: tf.Tensor): tf.Tensor {
  return tf.mul(x, tf.sigmoid(x));
}
