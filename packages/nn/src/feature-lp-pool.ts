import { LapyraError } from '@lapyra/core';
import * as tf from '@tensorflow/tfjs-core';
import { expectOption, isWhole } from './expect.js';
import { type Module, stateless } from './module.js';

export interface FeatureLpPoolOptions {
  /** The norm: 1 or 2. @default 2 */
  readonly p?: 1 | 2;
  /** Neighbouring planes that are pooled into one. @default 2 */
  readonly width?: number;
  /** Planes from one pool to the next. Default: the width, so that pools do not overlap. */
  readonly stride?: number;
}

/** Keeps the gradient of √ finite where all pooled values are 0. */
const TINY = 1e-12;

/**
 * Pooling over planes: y_c = (Σ_k |x_(c·stride + k)|^p)^(1/p) with k from 0 to width − 1, x [B, …, C] → [B, …, C'] with
 * C' = ⌊(C − width)/stride⌋ + 1. For p = 2 the root is of Σx² + 1e-12. After `FeatureLPPooling` of Facebook's fbcunn.
 *
 * @throws {LapyraError} `LAPYRA_NN_OPTION`; in use `LAPYRA_NN_SHAPE` for fewer planes than the width
 */
export function featureLpPool(options: FeatureLpPoolOptions = {}): Module {
  const { p = 2, width = 2, stride = width } = options;
  expectOption('featureLpPool', [1, 2].includes(p), 'p 1 or 2', p);
  expectOption(
    'featureLpPool',
    isWhole(width) && isWhole(stride),
    'whole numbers width and stride ≥ 1',
    options,
  );
  return stateless((x) => {
    const planes = x.shape.length > 1 ? (x.shape.at(-1) ?? 0) : 0;
    if (planes < width) {
      throw new LapyraError(
        'LAPYRA_NN_SHAPE',
        `featureLpPool: expected [B, …, C] with C ≥ ${width}, got [${x.shape.join(', ')}].`,
      );
    }
    const powers = p === 1 ? tf.abs(x) : tf.square(x);
    const sums = sumOfNeighbours(powers, width, stride); // [B, …, C']
    return p === 1 ? sums : tf.sqrt(tf.add(sums, TINY));
  });
}

function sumOfNeighbours(x: tf.Tensor, width: number, stride: number): tf.Tensor {
  const before = x.shape.slice(0, -1);
  const planes = x.shape.at(-1) ?? 0;
  const pools = Math.floor((planes - width) / stride) + 1;
  if (width === stride) {
    const used = tf.slice(
      x,
      x.shape.map(() => 0),
      [...before, pools * width],
    );
    return tf.sum(tf.reshape(used, [...before, pools, width]), x.shape.length);
  }
  // The k-th members of all pools, added up.
  const members = Array.from({ length: width }, (_, k) => {
    const index = tf.tensor1d(
      Array.from({ length: pools }, (_unused, pool) => pool * stride + k),
      'int32',
    );
    return tf.gather(x, index, x.shape.length - 1); // [B, …, C']
  });
  return members.reduce((sum, member) => tf.add(sum, member));
}
