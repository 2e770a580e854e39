import { type ImageBatch, imageBatch } from '../image-batch.js';
import type { AxisWeights } from './axis-weights.js';

/** How both axes are resampled. */
export interface Resampling {
  readonly height: AxisWeights;
  readonly width: AxisWeights;
}

/** Apply weights along both axes: [B, H, W, C] → [B, height.to, width.to, C]. Sums are kept in double precision. */
export function resample(image: ImageBatch, { height, width }: Resampling): ImageBatch {
  const [batch, , , channels] = image.shape;
  const rows = alongAxis(image.data, batch * height.from, width, channels, Float64Array); // [B, H, w, C]
  const data = alongAxis(rows, batch, height, width.to * channels, Float32Array); // [B, h, w, C]
  return imageBatch([batch, height.to, width.to, channels], data);
}

/** [outer, from, inner] → [outer, to, inner]. */
function alongAxis<T extends Float32Array | Float64Array>(
  source: Float32Array | Float64Array,
  outer: number,
  { from, to, starts, offsets, weights }: AxisWeights,
  inner: number,
  Result: new (length: number) => T,
): T {
  const result = new Result(outer * to * inner);
  let at = 0;
  for (let o = 0; o < outer; o += 1) {
    const base = o * from * inner;
    for (let i = 0; i < to; i += 1) {
      const begin = offsets[i] as number;
      const end = offsets[i + 1] as number;
      const first = base + (starts[i] as number) * inner;
      for (let j = 0; j < inner; j += 1) {
        let sum = 0;
        let input = first + j;
        for (let k = begin; k < end; k += 1) {
          sum += (weights[k] as number) * (source[input] as number);
          input += inner;
        }
        result[at] = sum;
        at += 1;
      }
    }
  }
  return result;
}
