import * as tf from '@tensorflow/tfjs-core';
import { expectOption, expectShape, expectTensor, isWhole } from './expect.js';
import { type LayerInitial, layerState } from './initial.js';
import type { Module } from './module.js';

export interface LinearOptions {
  /** Number of input features. */
  readonly in: number;
  /** Number of output features. */
  readonly out: number;
  /** @default true */
  readonly bias?: boolean;
  readonly initial?: LayerInitial;
}

/**
 * x [B, in] → x · weight + bias [B, out].
 *
 * State: `weight` [in, out], `bias` [out]. After {@link flatten} the input features stand in the order H, W, C.
 *
 * @throws {LapyraError} `LAPYRA_NN_OPTION`; in use `LAPYRA_NN_SHAPE`, `LAPYRA_NN_MISSING`
 */
export function linear(options: LinearOptions): Module {
  const { in: width, out, bias = true, initial = {} } = options;
  expectOption('linear', isWhole(width) && isWhole(out), 'whole numbers in and out ≥ 1', options);
  return {
    state: layerState([width, out], out, width, bias, initial),
    masks: () => ({}),
    apply: (state, x) => {
      expectShape('linear', x, ['B', width]);
      const weight = expectTensor('linear', state, 'weight');
      const y = tf.matMul(x, weight); // [B, out]
      return bias ? tf.add(y, expectTensor('linear', state, 'bias')) : y;
    },
  };
}
