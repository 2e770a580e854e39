import type { Size } from '@lapyra/core';
import { linear, type Module, relu, reshape, sequential } from '@lapyra/nn';

/**
 * A class as one more colour plane: one-hot [B, classes] → linear → ReLU → [B, H, W, 1], learnt. A level's two networks
 * have one each. State: `linear.weight` [classes, H·W], `linear.bias` [H·W]. Source: github.com/facebook/eyescream.
 */
export function classPlane(classes: number, [height, width]: Size): Module {
  return sequential([
    ['linear', linear({ in: classes, out: height * width })],
    ['act', relu()],
    ['plane', reshape([height, width, 1])],
  ]);
}
