// The network of Gated PixelCNN (van den Oord et al. 2016, Conditional Image Generation with PixelCNN Decoders): a stack
// that looks at all rows above, and one that looks along the row and at the first, so that no position is blind to another.
import type { StateTensor, Tensors } from '@lapyra/core';
import { conv2d, linear, type Module, scoped, type StateSpec, zeros } from '@lapyra/nn';
import * as tf from '@tensorflow/tfjs-core';
import { causalConv, moveDown, moveRight } from './causal-conv.js';

export interface GatedPixelNetOptions {
  readonly size: readonly [number, number];
  readonly channels: number;
  /** Planes of each stack. */
  readonly width: number;
  /** Gated blocks. */
  readonly blocks: number;
  /** Whether the enlarged image below is given. */
  readonly low: boolean;
  /** Width of the condition vector, or 0. */
  readonly condition: number;
  /** Numbers wanted at each position. */
  readonly outputs: number;
}

/** What a net is given beside the pixels. */
export interface Given {
  /** u(coarse), normalised [B, H, W, C]. */
  readonly low?: tf.Tensor | undefined;
  /** [B, width]. */
  readonly condition?: tf.Tensor | undefined;
}

export interface GatedPixelNet {
  readonly state: StateSpec;
  /**
   * @param pixels [B, H, W, C] on [−1, 1]
   * @returns [B, H, W, outputs]: at each position a function of the pixels before it, row by row, and of what is given
   */
  apply(state: Tensors, pixels: tf.Tensor, given: Given): tf.Tensor;
}

export function gatedPixelNet(options: GatedPixelNetOptions): GatedPixelNet {
  const { size, channels, width, blocks, outputs } = options;
  const parts = new Map<string, Module>();
  const own: Record<string, StateTensor> = {};
  const part = (name: string, module: Module): Module => {
    const made = scoped(`${name}.`, module);
    parts.set(name, made);
    return made;
  };
  const none = { training: false, masks: {}, updates: null };
  const at1 = (planes: number, out: number): Module => conv2d({ in: planes, out, kernel: 1 });

  const stages = Array.from({ length: blocks }, (_, index) => {
    const name = `block${index + 1}`;
    const first = index === 0;
    const planes = first ? channels + 1 : width;
    return {
      down: part(
        `${name}.down`,
        causalConv({
          in: planes,
          out: 2 * width,
          rows: first ? 3 : 2,
          columns: first ? 5 : 3,
          reach: 'both',
        }),
      ),
      right: part(
        `${name}.right`,
        causalConv({
          in: planes,
          out: 2 * width,
          rows: 1,
          columns: first ? 3 : 2,
          reach: 'left',
        }),
      ),
      across: part(`${name}.across`, at1(2 * width, 2 * width)),
      out: part(`${name}.out`, at1(width, width)),
      condition:
        options.condition > 0
          ? part(
              `${name}.condition`,
              linear({ in: options.condition, out: 4 * width, bias: false }),
            )
          : null,
      low: options.low ? part(`${name}.low`, at1(width, 4 * width)) : null,
    };
  });
  const below = options.low
    ? [
        part('low1', conv2d({ in: channels, out: width, kernel: 5 })),
        part('low2', conv2d({ in: width, out: width, kernel: 3 })),
      ]
    : [];
  const hidden = part('hidden', at1(width, width));
  const last = part('out', at1(width, outputs));
  own['position'] = { shape: [...size, 4 * width], role: 'weight', initial: zeros };

  const state: StateSpec = {
    ...own,
    ...Object.assign({}, ...[...parts.values()].map((module) => module.state)),
  };
  return {
    state,
    apply: (current, pixels, { low, condition }) => {
      const run = (module: Module, x: tf.Tensor): tf.Tensor => module.apply(current, x, none);
      const [batch] = pixels.shape;
      // A plane of ones tells the border, which is 0, from a middling grey.
      const seen = tf.concat([pixels, tf.ones([batch!, ...size, 1])], 3);
      const context = below.reduce<tf.Tensor | undefined>(
        (x, module) => x && tf.relu(run(module, x)),
        low,
      );
      let down = moveDown(seen);
      let right = moveRight(seen);
      let skip: tf.Tensor | null = null;
      for (const [index, stage] of stages.entries()) {
        const extra: tf.Tensor[] = [];
        if (stage.condition)
          extra.push(tf.reshape(run(stage.condition, condition!), [batch!, 1, 1, 4 * width]));
        if (stage.low) extra.push(run(stage.low, context!));
        if (index === 0) extra.push(tf.expandDims(current['position']!, 0));
        const halves = extra.map((x) => tf.split(x, 2, 3));
        const plus = (x: tf.Tensor, side: 0 | 1): tf.Tensor =>
          halves.reduce((sum, half) => tf.add(sum, half[side]!), x);
        const above = run(stage.down, down);
        down = gate(plus(above, 0), width);
        const along = tf.add(run(stage.right, right), run(stage.across, above));
        const moved = run(stage.out, gate(plus(along, 1), width));
        right = skip ? tf.add(skip, moved) : moved;
        skip = right;
      }
      return run(last, tf.relu(run(hidden, tf.relu(right))));
    },
  };
}

/** tanh(a)·σ(b) of the two halves [B, H, W, 2n] → [B, H, W, n]. */
function gate(x: tf.Tensor, width: number): tf.Tensor {
  const [a, b] = tf.split(x, [width, width], 3);
  return tf.mul(tf.tanh(a!), tf.sigmoid(b!));
}
