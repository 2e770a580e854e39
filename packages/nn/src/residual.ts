import * as tf from '@tensorflow/tfjs-core';
import { expectShape } from './expect.js';
import type { Module } from './module.js';

/**
 * x + module(x): what the module learns is the difference. Source: He et al. 2016.
 *
 * @throws {LapyraError} in use `LAPYRA_NN_SHAPE` if the module changes the shape
 */
export function residual(module: Module): Module {
  return {
    state: module.state,
    masks: (batch) => module.masks(batch),
    apply: (state, x, context) => {
      const change = module.apply(state, x, context);
      expectShape('residual', change, x.shape);
      return tf.add(x, change);
    },
  };
}
