import { boxWeights, linearWeights } from './axis-weights.js';
import { separableTransform, type SeparableTransform } from './separable-transform.js';

/**
 * The resampling of the LAPGAN authors, for any sizes that grow: d averages over boxes, with edge pixels counted by the
 * part that lies in the box (28 → 8: boxes of 3.5 pixels); u is bilinear with aligned corners. Every scale comes
 * straight from the full-size image.
 *
 * It is what `image.scale` of Torch does: https://github.com/torch/image, `generic/image.c`; used in
 * https://github.com/facebook/eyescream (E. Denton, S. Chintala, A. Szlam, R. Fergus: "Deep generative image models
 * using a Laplacian pyramid of adversarial networks", NIPS 2015, arXiv:1506.05751).
 */
export const boxBilinearTransform: SeparableTransform = separableTransform({
  id: 'box-bilinear',
  chained: false,
  refuse: () => undefined,
  downWeights: (from, to) => ({
    height: boxWeights(from[0], to[0]),
    width: boxWeights(from[1], to[1]),
  }),
  upWeights: (from, to) => ({
    height: linearWeights(from[0], to[0]),
    width: linearWeights(from[1], to[1]),
  }),
});
