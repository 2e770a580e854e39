import type { Kernel } from '../lowerings/kernel.js';
import { addKernel, findKernel } from '../lowerings/registry.js';
import { TfjsOnnxError } from '../tfjs-onnx-error.js';
import { recordOnAllBackends } from './register-kernels.js';

/** How to add a lowering. */
export interface RegisterLoweringOptions {
  /** Take the place of the lowering that the kernel has. Default `false`: refuse. */
  readonly replace?: boolean;
}

/**
 * Teach the compiler a kernel, for the whole process: one of tfjs that it does not know, or one of your own that you run by
 * `tf.engine().runKernel(name, inputs, attrs)`.
 *
 * `infer` gives the types of the results when the kernel is recorded, `lower` writes ONNX operators for it. For gradients through it also
 * call `tf.registerGradient`.
 *
 * @throws {TfjsOnnxError} `TFJS_ONNX_BAD_INPUT` without a name, or if the kernel has a lowering already
 */
export function registerLowering(kernel: Kernel, options: RegisterLoweringOptions = {}): void {
  const { name } = kernel;
  if (name === '') {
    throw new TfjsOnnxError(
      'TFJS_ONNX_BAD_INPUT',
      'registerLowering: expected the name of a kernel, got an empty one.',
    );
  }
  if (findKernel(name) !== undefined && options.replace !== true) {
    throw new TfjsOnnxError(
      'TFJS_ONNX_BAD_INPUT',
      `registerLowering: expected a kernel without a lowering, got "${name}", which has one.`,
      { hint: 'Choose another name, or say { replace: true }.' },
    );
  }
  addKernel(kernel);
  recordOnAllBackends(name);
}
