import * as tf from '@tensorflow/tfjs-core';
import { axisOf, type Operator, type RunningCall } from './operator.js';

/** Normalisation and reductions. */
export const statistics: readonly Operator[] = [
  {
    name: 'BatchNormalization',
    attrs: ['epsilon', 'momentum', 'spatial', 'is_test', 'consumed_inputs', 'training_mode'],
    refuses: ({ attrs, outputs }) => {
      if (attrs['training_mode'] === 1) return 'training mode';
      if (attrs['spatial'] === 0) return 'statistics for each place';
      return outputs.slice(1).some((name) => name !== '') ? 'new statistics' : null;
    },
    run: (call) => {
      const [x, scale, shift, mean, variance] = call.tensors() as [
        tf.Tensor,
        tf.Tensor,
        tf.Tensor,
        tf.Tensor,
        tf.Tensor,
      ];
      const factor = tf.mul(scale, tf.rsqrt(tf.add(variance, call.float('epsilon', 1e-5)))); // [C]
      const rest = tf.sub(shift, tf.mul(mean, factor)); // [C]
      return tf.add(tf.mul(x, perChannel(factor, x.rank)), perChannel(rest, x.rank));
    },
  },
  {
    name: 'InstanceNormalization',
    attrs: ['epsilon'],
    run: (call) => {
      const [x, scale, shift] = call.tensors() as [tf.Tensor, tf.Tensor, tf.Tensor];
      const axes = x.shape.map((_, axis) => axis).slice(2);
      const { mean, variance } = tf.moments(x, axes, true);
      const normal = tf.mul(
        tf.sub(x, mean),
        tf.rsqrt(tf.add(variance, call.float('epsilon', 1e-5))),
      );
      return tf.add(tf.mul(normal, perChannel(scale, x.rank)), perChannel(shift, x.rank));
    },
  },
  reduction('ReduceMean', tf.mean, 18),
  reduction('ReduceSum', tf.sum, 13),
  reduction('ReduceMax', tf.max, 18),
  reduction('ReduceMin', tf.min, 18),
];

/** [C] against [B, C, …] */
function perChannel(x: tf.Tensor, rank: number): tf.Tensor {
  return tf.reshape(x, [-1, ...new Array<number>(rank - 2).fill(1)]);
}

type Reduce = (x: tf.Tensor, axes: number[], keep: boolean) => tf.Tensor;

/** @param since the operator set from which on the axes are an input */
function reduction(name: string, reduce: Reduce, since: number): Operator {
  return {
    name,
    attrs: ['axes', 'keepdims', 'noop_with_empty_axes'],
    settings: [1],
    run: (call: RunningCall) => {
      const x = call.tensor(0);
      const given = call.list('axes', 1, since) ?? [];
      if (given.length === 0 && call.int('noop_with_empty_axes', 0) === 1) return x;
      const axes = given.length > 0 ? given : x.shape.map((_, axis) => axis);
      return reduce(
        x,
        axes.map((axis) => axisOf(axis, x.rank)),
        call.int('keepdims', 1) === 1,
      );
    },
  };
}
