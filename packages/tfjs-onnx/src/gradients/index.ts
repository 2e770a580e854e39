/**
 * Gradients of tfjs kernels that are right to first and second order.
 *
 * ```ts
 * import '@lapyra/tfjs-onnx/gradients';
 * import * as tf from '@tensorflow/tfjs-core';
 * ```
 *
 * tfjs-core's Node entry registers no gradients at all; of those in its browser entry some are missing and some are silently wrong in a gradient of a
 * gradient. Importing this entry registers its own, written on the kernels' inputs and made of public tfjs operations, so that they can be
 * differentiated again. Registration is **global to the process**: `tf.grad`, `tf.grads`, `tf.variableGrads` and tfjs's optimisers use these
 * gradients from then on, on every backend.
 *
 * A kernel without a gradient here (`einsum`, `topk`, `cumprod`, …) still fails in tfjs with its name. Needs nothing but
 * `@tensorflow/tfjs-core` and runs in browsers.
 */
import { registerGradients } from './register-gradients.js';

export { GradientError, type GradientErrorCode } from './gradient-error.js';
export { assertOneTfjsCore } from './one-tfjs-core.js';
export { registerGradients } from './register-gradients.js';
export { logSoftmax } from './softmax.js';
export { stopGradient } from './stop-gradient.js';

registerGradients();
