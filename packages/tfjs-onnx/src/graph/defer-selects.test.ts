import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import * as ort from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { compile, type CompiledFunction } from '../compile.js';
import type { TensorFunction } from '../tensor-function.js';

const vector = { shape: [3], dtype: 'float32' } as const;

/** A step that keeps the old weights unless all new ones are finite. */
const guarded: TensorFunction = ({ weights, gradient }) => {
  const next = tf.sub(weights!, gradient!);
  const good = tf.lessEqual(tf.abs(tf.sum(next)), 3e38);
  return { weights: tf.where(good, next, weights!), good: tf.cast(good, 'float32') };
};

async function compiled(fn: TensorFunction, deferSelects: boolean): Promise<CompiledFunction> {
  return compile(fn, { inputs: { weights: vector, gradient: vector }, ort, deferSelects });
}

const host = (data: readonly number[]) => ({ ...vector, data: Float32Array.from(data) });

describe('deferSelects', () => {
  it.each([true, false])('gives the same results (%s)', async (deferSelects) => {
    const step = await compiled(guarded, deferSelects);
    const weights = host([1, 2, 3]);
    const good = await step.run({ weights, gradient: host([1, 1, 1]) });
    expect([...(good['weights']!.data as Float32Array)]).toEqual([0, 1, 2]);
    const bad = await step.run({ weights, gradient: host([1, Number.NaN, 1]) });
    expect([...(bad['weights']!.data as Float32Array)]).toEqual([1, 2, 3]);
    expect([...(bad['good']!.data as Float32Array)]).toEqual([0]);
    const alone = await step.run({ weights, gradient: host([0, Number.POSITIVE_INFINITY, 0]) }, [
      'weights',
    ]);
    expect(Object.keys(alone)).toEqual(['weights']);
    expect([...(alone['weights']!.data as Float32Array)]).toEqual([1, 2, 3]);
    await step.dispose();
  });

  it('passes on the tensor that was fed, without a copy', async () => {
    const step = await compiled(guarded, true);
    const weights = new ort.Tensor('float32', Float32Array.of(1, 2, 3), [3]);
    const result = await step.run({ weights, gradient: host([Number.NaN, 0, 0]) });
    expect(result['weights']).toBe(weights);
    await step.dispose();
  });

  it('takes the selection out of the graph, and leaves others in', async () => {
    const nodes = async (fn: TensorFunction, deferSelects: boolean): Promise<number> => {
      const step = await compiled(fn, deferSelects);
      await step.dispose();
      return [...new TextDecoder('latin1').decode(step.bytes).matchAll(/Where/g)].length;
    };
    expect(await nodes(guarded, false)).toBeGreaterThan(0);
    expect(await nodes(guarded, true)).toBe(0);
    // Elementwise conditions, and selections of two computed values, are work of the graph.
    const others: TensorFunction = ({ weights, gradient }) => ({
      a: tf.where(tf.greater(gradient!, 0), tf.neg(weights!), weights!),
      b: tf.where(tf.greater(tf.sum(gradient!), 0), tf.neg(weights!), tf.abs(weights!)),
    });
    expect(await nodes(others, true)).toBe(await nodes(others, false));
  });

  it('refuses to write into a given tensor', async () => {
    const step = await compiled(guarded, true);
    const feeds = { weights: host([1, 2, 3]), gradient: host([0, 0, 0]) };
    const into = new ort.Tensor('float32', new Float32Array(3), [3]);
    await expect(step.run(feeds, { weights: into })).rejects.toThrow(
      'output "weights": expected no tensor to write into, as its selection is left to the host, got one.',
    );
    await step.dispose();
  });
});
