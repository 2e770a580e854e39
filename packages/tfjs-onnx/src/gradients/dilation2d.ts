import {
  Dilation2D,
  Dilation2DBackpropFilter,
  Dilation2DBackpropInput,
  engine,
} from '@tensorflow/tfjs-core';
import type { GradConfig, Tensor } from '@tensorflow/tfjs-core';
import { kernelGradient } from './kernel-gradient.js';

/**
 * Gradient of `dilation2d`: each goes to the place that its window's largest sum came from, the first of equals.
 *
 * To first order: tfjs names the two kernels that it is made of if it is differentiated again.
 */
export const dilation2dGradient: GradConfig = kernelGradient(
  Dilation2D,
  ['x', 'filter'],
  (dy, saved, attrs) => {
    const [x, filter] = saved as [Tensor, Tensor];
    const run = (kernel: string): Tensor =>
      engine().runKernel<Tensor>(kernel, { x, filter, dy }, attrs);
    return {
      x: () => run(Dilation2DBackpropInput),
      filter: () => run(Dilation2DBackpropFilter),
    };
  },
);
