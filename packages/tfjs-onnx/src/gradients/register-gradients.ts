import { getGradient, registerGradient, type GradConfig } from '@tensorflow/tfjs-core';
import { activationGradients } from './activations.js';
import { binaryGradients } from './binary.js';
import { concatGradients } from './concat.js';
import { conv2dGradients } from './conv2d.js';
import { conv3dGradients } from './conv3d.js';
import { cumsumGradient } from './cumsum.js';
import { depthToSpaceGradients } from './depth-to-space.js';
import { depthwiseConv2dGradients } from './depthwise-conv2d.js';
import { dilation2dGradient } from './dilation2d.js';
import { fusedBatchNormGradient } from './fused-batch-norm.js';
import { gatherGradients } from './gather.js';
import { lrnGradient } from './lrn.js';
import { matMulGradient } from './mat-mul.js';
import { assertOneTfjsCore } from './one-tfjs-core.js';
import { padGradients } from './pad.js';
import { piecewiseConstantGradients } from './piecewise-constant.js';
import { poolGradients } from './pool.js';
import { reduceGradients } from './reduce.js';
import { reshapeGradients } from './reshape.js';
import { resizeGradients } from './resize.js';
import { selectGradients } from './select.js';
import { sliceGradients } from './slice.js';
import { softmaxGradients } from './softmax.js';
import { tileGradients } from './tile.js';
import { unaryGradients } from './unary.js';

const gradients: readonly GradConfig[] = [
  ...activationGradients,
  ...binaryGradients,
  ...concatGradients,
  ...conv2dGradients,
  ...conv3dGradients,
  cumsumGradient,
  ...depthToSpaceGradients,
  ...depthwiseConv2dGradients,
  dilation2dGradient,
  fusedBatchNormGradient,
  ...gatherGradients,
  lrnGradient,
  matMulGradient,
  ...padGradients,
  ...piecewiseConstantGradients,
  ...poolGradients,
  ...reduceGradients,
  ...reshapeGradients,
  ...resizeGradients,
  ...selectGradients,
  ...sliceGradients,
  ...softmaxGradients,
  ...tileGradients,
  ...unaryGradients,
];

/**
 * Make these gradients the ones that tfjs uses, for the whole process.
 *
 * Importing this entry does it once. Call it again if something else may have registered gradients since (importing `@tensorflow/tfjs` does);
 * a repeated call changes nothing but what was replaced.
 *
 * @throws {GradientError} `TFJS_CORE_TWICE` if this is not the only copy of tfjs-core
 */
export function registerGradients(): void {
  assertOneTfjsCore();
  for (const gradient of gradients) {
    if (getGradient(gradient.kernelName) !== gradient) registerGradient(gradient);
  }
}
