import * as tf from '@tensorflow/tfjs-core';
import { axisOf, type Operator, type RunningCall } from './operator.js';

/** Matrix products, and the operators that classifiers end with. */
export const products: readonly Operator[] = [
  {
    name: 'Gemm',
    attrs: ['alpha', 'beta', 'transA', 'transB', 'broadcast'],
    run: (call) => {
      const [a, b] = [call.tensor(0) as tf.Tensor2D, call.tensor(1) as tf.Tensor2D];
      const y = tf.matMul(a, b, call.int('transA', 0) === 1, call.int('transB', 0) === 1);
      const scaled = times(y, call.float('alpha', 1));
      return call.has(2) ? tf.add(scaled, times(call.tensor(2), call.float('beta', 1))) : scaled;
    },
  },
  {
    name: 'MatMul',
    attrs: [],
    run: (call) => {
      const [a, b] = [call.tensor(0), call.tensor(1)];
      if (a.rank < 2 || b.rank < 2) throw call.refuse('expected matrices, got a list of numbers');
      if (b.rank === 2 && a.rank > 2) {
        const rows = tf.reshape(a, [-1, a.shape.at(-1) ?? 1]);
        return tf.reshape(tf.matMul(rows, b), [...a.shape.slice(0, -1), b.shape[1] ?? 1]);
      }
      return tf.matMul(a, b);
    },
  },
  softmax('Softmax', (x) => tf.softmax(x)),
  softmax('LogSoftmax', (x) => tf.logSoftmax(x)),
];

function times(x: tf.Tensor, factor: number): tf.Tensor {
  return factor === 1 ? x : tf.mul(x, factor);
}

function softmax(name: string, of: (x: tf.Tensor) => tf.Tensor): Operator {
  return {
    name,
    attrs: ['axis'],
    run: (call) => (call.opset < 13 ? flat(call, of) : along(call, of)),
  };
}

/** Before operator set 13 all axes from the given one on count as one. */
function flat(call: RunningCall, of: (x: tf.Tensor) => tf.Tensor): tf.Tensor {
  const x = call.tensor(0);
  const axis = axisOf(call.int('axis', 1), x.rank);
  const last = x.shape.slice(axis).reduce((a, b) => a * b, 1);
  return tf.reshape(of(tf.reshape(x, [-1, last])), x.shape);
}

/** tfjs takes the last axis only. */
function along(call: RunningCall, of: (x: tf.Tensor) => tf.Tensor): tf.Tensor {
  const x = call.tensor(0);
  const axis = axisOf(call.int('axis', -1), x.rank);
  const last = x.rank - 1;
  if (axis === last) return of(x);
  const perm = x.shape.map((_, i) => (i === axis ? last : i === last ? axis : i));
  return tf.transpose(of(tf.transpose(x, perm)), perm);
}
