import { LapyraError } from '@lapyra/core';
import * as tf from '@tensorflow/tfjs-core';
import { expectImages, expectOption, isWhole } from './expect.js';
import { type Module, stateless } from './module.js';

/**
 * Sub-pixel upsampling: [B, H, W, C·f²] → [B, H·f, W·f, C].
 *
 * In Torch's channel order: output pixel (h·f + i, w·f + j) of plane c is input plane c·f² + i·f + j. Source: Shi et al.
 * 2016.
 *
 * @throws {LapyraError} `LAPYRA_NN_OPTION`; in use `LAPYRA_NN_SHAPE`
 */
export function pixelShuffle(factor: number): Module {
  expectOption('pixelShuffle', isWhole(factor), 'a whole factor ≥ 1', factor);
  return stateless((x) => {
    const images = expectImages('pixelShuffle', x);
    const [batch, height, width, planes] = images.shape;
    const out = planes / factor ** 2;
    if (!Number.isInteger(out)) {
      throw new LapyraError(
        'LAPYRA_NN_SHAPE',
        `pixelShuffle: expected [B, H, W, C·${factor ** 2}], got [${x.shape.join(', ')}].`,
      );
    }
    const parts = tf.reshape(images, [batch, height, width, out, factor, factor]); // [B, H, W, C, i, j]
    const woven = tf.transpose(parts, [0, 1, 4, 2, 5, 3]); // [B, H, i, W, j, C]
    return tf.reshape(woven, [batch, height * factor, width * factor, out]);
  });
}
