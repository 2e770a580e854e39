import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { afterEach, describe, expect, it } from 'vitest';
import { assertOneTfjsCore, GradientError, registerGradients } from './index.js';

describe('registerGradients', () => {
  afterEach(registerGradients);

  it('has registered on import', () => {
    expect(tf.getGradient('Tanh')).toBeDefined();
  });

  it('changes nothing the second time', () => {
    const before = tf.getGradient('Tanh');
    registerGradients();
    expect(tf.getGradient('Tanh')).toBe(before);
  });

  it('takes its place again after others have registered theirs', () => {
    const ours = tf.getGradient('Tanh');
    tf.registerGradient({ kernelName: 'Tanh', gradFunc: () => ({}) });
    registerGradients();
    expect(tf.getGradient('Tanh')).toBe(ours);
  });

  it('leaves a kernel without a gradient to fail by its name', () => {
    const x = tf.tensor2d([1, 2, 3, 4], [2, 2]);
    expect(() => tf.grad((v: tf.Tensor) => tf.cumprod(v))(x)).toThrow(/not found for Cumprod/);
  });
});

describe('assertOneTfjsCore', () => {
  it('accepts the copy in use', () => {
    expect(() => assertOneTfjsCore()).not.toThrow();
    expect(() => assertOneTfjsCore(tf)).not.toThrow();
  });

  it('refuses another copy with the way out', () => {
    const other = { Tensor: tf.Variable, Environment: tf.Tensor };
    const attempt = (): void => assertOneTfjsCore(other);
    expect(attempt).toThrow(GradientError);
    expect(attempt).toThrow(
      /^@tensorflow\/tfjs-core: expected one copy in this process, got two\.$/,
    );
    expect(attempt).toThrow(
      expect.objectContaining({
        code: 'TFJS_CORE_TWICE',
        hint: 'List them with "npm ls @tensorflow/tfjs-core", then give every package the same version and run "npm dedupe".',
      }),
    );
  });

  it('refuses a copy that does not own the engine', () => {
    const attempt = (): void => assertOneTfjsCore({ Tensor: tf.Tensor, Environment: tf.Tensor });
    expect(attempt).toThrow(expect.objectContaining({ code: 'TFJS_CORE_TWICE' }));
  });
});
