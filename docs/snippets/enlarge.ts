import { boxBilinearTransform, type ImageBatch } from '@lapyra/core';
import { type ExportedPyramid, enlargeImage } from '@lapyra/sampling';

/** A normalised image [1, h, w, C], enlarged by the finest level of an exported pyramid. */
export async function enlargeByFinest(
  pyramid: ExportedPyramid,
  image: ImageBatch,
): Promise<ImageBatch> {
  return enlargeImage(pyramid.levels.at(-1)!, boxBilinearTransform, image, { seed: 1 });
}
