// The two shapes of network here: layers of units for a first level, convolutions for one above another.
import type { Size, Tensors } from '@lapyra/core';
import {
  conv2d,
  inference,
  linear,
  type Module,
  relu,
  scoped,
  sequential,
  type SequentialPart,
  type StateSpec,
} from '@lapyra/nn';
import * as tf from '@tensorflow/tfjs-core';

/** From parts that stand beside each other, and perhaps a condition, to one tensor. */
export interface Network {
  readonly state: StateSpec;
  /** @param condition [B, width], if the network was made with one */
  apply(state: Tensors, parts: readonly tf.Tensor[], condition: tf.Tensor | undefined): tf.Tensor;
}

/** Vectors [B, …] in a row, with the condition behind them, → [B, out]: ReLU between, the last layer linear. */
export function denseNet(
  prefix: string,
  given: number,
  hidden: readonly number[],
  out: number,
  condition: number,
): Network {
  const widths = [given + condition, ...hidden];
  const net = scoped(
    prefix,
    sequential([
      ...hidden.flatMap((units, at): SequentialPart[] => [
        [`linear${at + 1}`, linear({ in: widths[at]!, out: units })],
        [`act${at + 1}`, relu()],
      ]),
      ['out', linear({ in: widths.at(-1)!, out })],
    ]),
  );
  return {
    state: net.state,
    apply: (state, parts, vector) => {
      const rows = [...parts, ...(condition > 0 ? [vector!] : [])];
      return net.apply(state, rows.length > 1 ? tf.concat(rows, 1) : rows[0]!, inference);
    },
  };
}

/** Planes [B, H, W, …] on top of each other → [B, H, W, out]: 3×3 convolutions, the first 5×5; the condition shifts the first. */
export function convolutionNet(
  prefix: string,
  given: number,
  { width, layers }: { readonly width: number; readonly layers: number },
  out: number,
  condition: number,
): Network {
  const first = scoped(`${prefix}conv1.`, conv2d({ in: given, out: width, kernel: 5 }));
  const rest = scoped(
    prefix,
    sequential([
      ['act1', relu()],
      ...Array.from({ length: layers - 2 }, (_, at): SequentialPart[] => [
        [`conv${at + 2}`, conv2d({ in: width, out: width, kernel: 3 })],
        [`act${at + 2}`, relu()],
      ]).flat(),
      ['out', conv2d({ in: width, out, kernel: 3 })],
    ]),
  );
  const shift: Module | null =
    condition > 0
      ? scoped(`${prefix}condition.`, linear({ in: condition, out: width, bias: false }))
      : null;
  return {
    state: { ...first.state, ...rest.state, ...shift?.state },
    apply: (state, parts, vector) => {
      const planes = first.apply(
        state,
        parts.length > 1 ? tf.concat([...parts], 3) : parts[0]!,
        inference,
      );
      if (!shift) return rest.apply(state, planes, inference);
      const bias = shift.apply(state, vector!, inference); // [B, width]
      const spread = tf.reshape(bias, [bias.shape[0]!, 1, 1, width]);
      return rest.apply(state, tf.add(planes, spread), inference);
    },
  };
}

/** [B, H, W, C] → [B, H·W·C]. */
export function flat(images: tf.Tensor): tf.Tensor {
  return tf.reshape(images, [images.shape[0]!, images.size / images.shape[0]!]);
}

/** [B, H·W·C] → [B, H, W, C]. */
export function asImages(rows: tf.Tensor, [height, width]: Size, channels: number): tf.Tensor {
  return tf.reshape(rows, [rows.shape[0]!, height, width, channels]);
}
