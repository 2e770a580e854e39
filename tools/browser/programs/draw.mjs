import { dewhiten } from '@lapyra/core';
import { openExportedPyramid, openFusedPyramid, sampleImages } from '@lapyra/sampling';

/** Pictures of an exported folder, uint8 [count, 14, 14, 3]; `read` gives the bytes of its files. */
export async function draw(engine, { count, seed, read }) {
  const pyramid = await openExportedPyramid(read, engine);
  try {
    return dewhiten(await sampleImages(pyramid.levels, { count, seed }), pyramid.whitening);
  } finally {
    await pyramid.dispose();
  }
}

/** Pictures of its fused file, uint8 [count, 3, 14, 14], from standard normal noise. */
export async function drawFused(engine, { count, z, read }) {
  const { model } = await openFusedPyramid(read, engine);
  try {
    const { image } = await model.run({
      z: { dtype: 'float32', shape: [count, z.length / count], data: z },
    });
    return image.data;
  } finally {
    await model.dispose();
  }
}
