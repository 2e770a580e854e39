// tfjs's depthToSpace has another order of channels than Torch's pixel shuffle, so programs write the latter as a transpose of six axes.
import { sameShape, type Value } from './graph.js';
import type { Candidate, Rewriter } from './rewriter.js';

const SHUFFLE = [0, 1, 4, 2, 5, 3]; // [B, H, W, C, i, j] to [B, H, i, W, j, C]
const UNSHUFFLE = [0, 1, 3, 5, 2, 4]; // and back

/** Six axes that are made of four, moved and put together again as pixels become one operation on the image. */
export function shuffledPixels(
  { op, inputs: { x }, types: [type] }: Candidate,
  rewriter: Rewriter,
): Value | null {
  if (x?.node.kernel !== 'Transpose' || x.shape.length !== 6 || type === undefined) return null;
  const parts = x.node.inputs['x'];
  const image = parts?.node.kernel === 'Reshape' ? parts.node.inputs['x'] : undefined;
  if (parts === undefined || image?.shape.length !== 4) return null;
  const perm = x.node.attrs['perm'] as readonly number[];
  if (sameShape(perm, SHUFFLE)) {
    const [batch = 1, height = 1, width = 1, channels = 1, factor = 1, across = 1] = parts.shape;
    const coarse = [batch, height, width, channels * factor ** 2];
    const fine = [batch, height * factor, width * factor, channels];
    return factor === across && sameShape(image.shape, coarse) && sameShape(type.shape, fine)
      ? rewriter.add('PixelShuffle', op, { x: image }, { factor })
      : null;
  }
  if (sameShape(perm, UNSHUFFLE)) {
    const [batch = 1, height = 1, factor = 1, width = 1, across = 1, channels = 1] = parts.shape;
    const fine = [batch, height * factor, width * factor, channels];
    const coarse = [batch, height, width, channels * factor ** 2];
    return factor === across && sameShape(image.shape, fine) && sameShape(type.shape, coarse)
      ? rewriter.add('PixelUnshuffle', op, { x: image }, { factor })
      : null;
  }
  return null;
}
