import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import * as ort from 'onnxruntime-node';
import { describe, expect, test } from 'vitest';
import {
  compile,
  type Kernel,
  registerLowering,
  registerOnnxRuntimeBackend,
  supportedKernels,
  toOnnx,
} from '@lapyra/tfjs-onnx';

/** A kernel of one ONNX operator that keeps shape and type. */
const one = (name: string, op: string): Kernel => ({
  name,
  infer: ({ inputs }) => inputs['x']!,
  lower: ({ inputs, outputs }, lowering) =>
    lowering.set(outputs[0]!, lowering.map(op, [lowering.plain(inputs['x']!)])),
});
const run = (name: string, x: tf.Tensor): tf.Tensor => tf.engine().runKernel(name, { x });
const x = { shape: [3], dtype: 'float32' as const };

async function compiled(name: string, data: number[]): Promise<number[]> {
  const fn = await compile((given) => ({ y: run(name, given['x']!) }), { ort, inputs: { x } });
  const { y } = await fn.run({ x: { ...x, data: Float32Array.from(data) } });
  await fn.dispose();
  return [...(y!.data as Float32Array)];
}

describe('registerLowering', () => {
  test('lets a kernel that tfjs does not know be compiled, written and computed when it is read', async () => {
    // Backends that were there before learn it too.
    registerOnnxRuntimeBackend();
    await tf.setBackend('onnxruntime');
    registerLowering(one('TestHardSigmoid', 'HardSigmoid'));
    expect(supportedKernels()).toContain('TestHardSigmoid');

    // ONNX: max(0, min(1, 0.2 x + 0.5)).
    const want = [0, 0.7, 1];
    const got = await compiled('TestHardSigmoid', [-4, 1, 5]);
    got.forEach((value, i) => expect(value).toBeCloseTo(want[i]!, 6));
    const read = await run('TestHardSigmoid', tf.tensor1d([-4, 1, 5])).data();
    read.forEach((value, i) => expect(value).toBeCloseTo(want[i]!, 6));

    const { bytes } = toOnnx((given) => ({ y: run('TestHardSigmoid', given['x']!) }), {
      name: 'any',
      inputs: { x: { shape: [null, 1], dtype: 'float32' } },
    });
    const session = await ort.InferenceSession.create(bytes);
    const { y } = await session.run({ x: new ort.Tensor('float32', [1, 1, -4, 5], [4, 1]) });
    await session.release();
    tf.removeBackend('onnxruntime');
    expect([...(y!.data as Float32Array)].map((value) => value.toFixed(4))).toEqual(
      [0.7, 0.7, 0, 1].map((value) => value.toFixed(4)),
    );
  });

  test('refuses a kernel that has a lowering, unless it is to be replaced', async () => {
    registerLowering(one('TestTwice', 'Neg'));
    expect(() => registerLowering(one('TestTwice', 'Abs'))).toThrow(
      'registerLowering: expected a kernel without a lowering, got "TestTwice", which has one.',
    );
    expect(await compiled('TestTwice', [1, -2, 3])).toEqual([-1, 2, -3]);
    registerLowering(one('TestTwice', 'Abs'), { replace: true });
    expect(await compiled('TestTwice', [1, -2, 3])).toEqual([1, 2, 3]);
  });

  test('refuses a kernel without a name', () => {
    expect(() => registerLowering(one('', 'Neg'))).toThrow(
      'registerLowering: expected the name of a kernel, got an empty one.',
    );
  });
});
