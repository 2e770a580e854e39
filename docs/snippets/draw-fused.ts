// oxlint-disable no-restricted-imports -- this is a user's program, not a package of Lapyra
import * as ort from 'onnxruntime-web/wasm';

/** Draws pictures with the fused file and nothing of Lapyra: uint8 [count, C, H, W]. */
export async function drawFused(model: Uint8Array, z: Float32Array, count: number) {
  const session = await ort.InferenceSession.create(model);
  const noise = new ort.Tensor('float32', z, [count, z.length / count]); // standard normal
  const { image } = await session.run({ z: noise });
  await session.release();
  return image!;
}
