import type { Tensors } from '@lapyra/core';
import { type Module, torchDefault } from '@lapyra/nn';
import * as tf from '@tensorflow/tfjs-core';

export interface CausalConvOptions {
  readonly in: number;
  readonly out: number;
  /** Rows of the kernel: the position's own and those above it. */
  readonly rows: number;
  /** Columns of the kernel: with `reach` 'left' the position's own and those left of it, with 'both' as many on each side. */
  readonly columns: number;
  readonly reach: 'left' | 'both';
  /** @default true */
  readonly bias?: boolean;
}

/**
 * A convolution whose kernel covers only what stands at a position or before it: the masked convolution of PixelCNN
 * without the masked half, [B, H, W, in] → [B, H, W, out]. Below and (with `left`) to the right it sees nothing.
 *
 * State: `weight` [rows, columns, in, out], `bias` [out].
 */
export function causalConv(options: CausalConvOptions): Module {
  const { in: planes, out, rows, columns, reach, bias = true } = options;
  const fanIn = rows * columns * planes;
  const left = reach === 'left' ? columns - 1 : (columns - 1) / 2;
  const padding: tf.backend_util.ExplicitPadding = [
    [0, 0],
    [rows - 1, 0],
    [left, columns - 1 - left],
    [0, 0],
  ];
  const initial = torchDefault(fanIn);
  return {
    state: {
      weight: { shape: [rows, columns, planes, out], role: 'weight', initial },
      ...(bias ? { bias: { shape: [out], role: 'weight', initial } as const } : {}),
    },
    masks: () => ({}),
    apply: (state: Tensors, x) => {
      const y = tf.conv2d(x as tf.Tensor4D, state['weight'] as tf.Tensor4D, 1, padding); // [B, H, W, out]
      return bias ? tf.add(y, state['bias']!) : y;
    },
  };
}

/** Each row where the one below it was, zeros in the first: a position then shows the row above. */
export function moveDown(x: tf.Tensor): tf.Tensor {
  const [batch, height, width, planes] = x.shape as [number, number, number, number];
  const kept = tf.slice(x, [0, 0, 0, 0], [batch, height - 1, width, planes]);
  return tf.pad(kept, [
    [0, 0],
    [1, 0],
    [0, 0],
    [0, 0],
  ]);
}

/** Each column where the one right of it was, zeros in the first: a position then shows its left neighbour. */
export function moveRight(x: tf.Tensor): tf.Tensor {
  const [batch, height, width, planes] = x.shape as [number, number, number, number];
  const kept = tf.slice(x, [0, 0, 0, 0], [batch, height, width - 1, planes]);
  return tf.pad(kept, [
    [0, 0],
    [0, 0],
    [1, 0],
    [0, 0],
  ]);
}
