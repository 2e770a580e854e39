// A feature net is a trained network whose layers describe an image: for content losses, for nearest neighbours, for
// telling the class of a sample. It is given, never trained further.
import type { Tensor } from '@tensorflow/tfjs-core';
import type { Size } from './size.js';
import type { Tensors } from './tensor-program.js';
import type { TensorValues } from './tensor-value.js';

export interface FeatureNet {
  /** For messages: `CIFAR-10 classifier`. */
  readonly name: string;
  readonly channels: number;
  /** Smaller images have no features. */
  readonly leastSize: Size;
  /** Names of the layers that can be asked for, from input to output. */
  readonly layers: readonly string[];
  /** If the net is a classifier: the name of the layer [B, classes] that scores them, and what they are. */
  readonly classifier: { readonly layer: string; readonly classes: readonly string[] } | null;
  /** Its stored weights. */
  readonly weights: TensorValues;
  /**
   * Features of images, pure and differentiable like a tensor program.
   *
   * @param weights tensors by the names of {@link FeatureNet.weights}
   * @param pixels [B, H, W, C], 0…255
   * @param layers which to give
   * @returns by layer: [B, h, w, features] or [B, features]
   */
  apply(weights: Tensors, pixels: Tensor, layers: readonly string[]): Tensors;
}
