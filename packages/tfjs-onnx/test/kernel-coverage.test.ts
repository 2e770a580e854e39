import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, test } from 'vitest';
import { supportedKernels, trace } from '@lapyra/tfjs-onnx';
import { UNSUPPORTED_KERNELS } from '../src/lowerings/unsupported-kernels.js';

const listed = Object.keys(UNSUPPORTED_KERNELS);

describe('kernels of the cpu backend', () => {
  const cpu = tf.getKernelsForBackend('cpu').map(({ kernelName }) => kernelName);

  test('are translated, or listed with a reason', () => {
    expect(cpu.length).toBeGreaterThan(170);
    const known = [...supportedKernels(), ...listed];
    expect(cpu.filter((name) => !known.includes(name))).toEqual([]);
  });

  test('are not both', () => {
    expect(supportedKernels().filter((name) => listed.includes(name))).toEqual([]);
  });

  test('nothing is listed that the cpu backend does not have', () => {
    expect(listed.filter((name) => !cpu.includes(name))).toEqual([]);
  });

  test.each(Object.entries(UNSUPPORTED_KERNELS))('%s: %s', (_name, reason) => {
    expect(reason).toMatch(/^(?!.*\. ).{20,}\.$/); // one sentence
  });
});

describe('refuses while tracing, with the reason', () => {
  const inputs = {
    x: { shape: [4], dtype: 'float32' },
    boxes: { shape: [3, 4], dtype: 'float32' },
    scores: { shape: [3], dtype: 'float32' },
  } as const;
  type Inputs = Record<string, tf.Tensor>;
  const cases: readonly [string, (inputs: Inputs) => tf.Tensor, string, string][] = [
    [
      'data-dependent shapes',
      ({ x }) => tf.unique(x!).values,
      'TFJS_ONNX_UNSUPPORTED_KERNEL',
      '"unique": the kernel Unique has no translation to ONNX: the number of different values depends on values.',
    ],
    [
      'complex numbers',
      ({ x }) => tf.real(tf.fft(tf.complex(x!, x!))),
      'TFJS_ONNX_UNSUPPORTED_KERNEL',
      '"complex": the kernel Complex has no translation to ONNX: ONNX has no complex numbers.',
    ],
    [
      'a number of boxes that depends on values',
      ({ boxes, scores }) =>
        tf.image.nonMaxSuppression(boxes as tf.Tensor2D, scores as tf.Tensor1D, 2),
      'TFJS_ONNX_UNSUPPORTED_KERNEL',
      'nonMaxSuppressionPadded with padToMaxOutputSize has a fixed one.',
    ],
    [
      'that number, by another way',
      ({ boxes, scores }) =>
        tf.image.nonMaxSuppressionPadded(boxes as tf.Tensor2D, scores as tf.Tensor1D, 2)[
          'selectedIndices'
        ]!,
      'TFJS_ONNX_UNSUPPORTED_ATTRIBUTE',
      'padToMaxOutputSize false, where the number of boxes depends on values, is not supported.',
    ],
    [
      'categories that are drawn',
      ({ x }) => tf.multinomial(x as tf.Tensor1D, 2, 7),
      'TFJS_ONNX_HIDDEN_RANDOMNESS',
      '"multinomial": expected random numbers as an input, got a kernel that draws them itself.',
    ],
  ];
  test.each(cases)('%s', (_name, fn, code, message) => {
    const run = (): unknown => trace((xs) => ({ y: fn(xs) }), { inputs });
    expect(run).toThrow(expect.objectContaining({ code, hint: expect.any(String) as unknown }));
    expect(run).toThrow(message);
  });
});
