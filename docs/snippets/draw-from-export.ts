import { onnxruntimeWeb } from '@lapyra/backend-onnxruntime';
import { dewhiten } from '@lapyra/core';
import { openExportedPyramid, type ReadFile, sampleImages } from '@lapyra/sampling';

/** Draws pictures from an exported folder: uint8 [count, H, W, C]. */
export async function drawFromExport(
  read: ReadFile,
  count: number,
  seed: number,
): Promise<Uint8Array> {
  const backend = await onnxruntimeWeb.plugin.create({}, undefined);
  const engine = await backend.open();
  const pyramid = await openExportedPyramid(read, engine);
  const images = await sampleImages(pyramid.levels, { count, seed, reroll: { 28: 7 } });
  await pyramid.dispose();
  await engine.dispose();
  return dewhiten(images, pyramid.whitening);
}

/** Reads the files of an exported folder in a browser. */
export const fromAddress =
  (folder: string): ReadFile =>
  async (file) =>
    new Uint8Array(await (await fetch(`${folder}/${file}`)).arrayBuffer());
