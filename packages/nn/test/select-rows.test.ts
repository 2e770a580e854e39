import { selectRows, valueAndGrads } from '@lapyra/nn';
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

describe('selectRows', () => {
  const yes = tf.tensor3d([1, 2, 3, 4, 5, 6], [3, 1, 2]);
  const no = tf.tensor3d([10, 20, Number.NaN, 40, 50, 60], [3, 1, 2]);

  it('takes whole rows, whatever the others hold', () => {
    const rows = selectRows(tf.tensor1d([0, 1, 0]), yes, no);
    expect(rows.shape).toEqual([3, 1, 2]);
    expect([...rows.dataSync()]).toEqual([10, 20, 3, 4, 50, 60]);
  });

  it('lets gradients flow to the chosen rows alone', () => {
    const { gradients } = valueAndGrads(
      ({ a, b }) => tf.sum(tf.mul(selectRows(tf.tensor1d([1, 0, 1]), a!, b!), 2)),
      { a: yes, b: tf.onesLike(no) },
    );
    expect([...gradients['a']!.dataSync()]).toEqual([2, 2, 0, 0, 2, 2]);
    expect([...gradients['b']!.dataSync()]).toEqual([0, 0, 2, 2, 0, 0]);
  });

  it('refuses rows of another number or shape', () => {
    expect(() => selectRows(tf.tensor1d([1, 0]), yes, no)).toThrow(
      'selectRows: expected [3], got [2].',
    );
    expect(() => selectRows(tf.tensor1d([1, 0, 1]), yes, tf.reshape(no, [3, 2]))).toThrow(
      'selectRows: expected [3, 1, 2], got [3, 2].',
    );
  });
});
