// The official binary format: one byte of label, then the red, the green and the blue plane of 32 × 32 bytes each.

export const SIDE = 32;
const PLANE = SIDE * SIDE;
export const IMAGE_BYTES: number = PLANE * 3;
export const RECORD_BYTES: number = 1 + IMAGE_BYTES;

/** From records [n, 1 + 3·32·32] to pixels [n, 32, 32, 3] and labels [n]. */
export function unpackRecords(records: Uint8Array): { pixels: Uint8Array; labels: Uint8Array } {
  const count = records.length / RECORD_BYTES;
  const pixels = new Uint8Array(count * IMAGE_BYTES);
  const labels = new Uint8Array(count);
  for (let n = 0; n < count; n++) {
    const from = n * RECORD_BYTES;
    labels[n] = records[from] ?? 0;
    for (let i = 0; i < PLANE; i++)
      for (let c = 0; c < 3; c++)
        pixels[n * IMAGE_BYTES + i * 3 + c] = records[from + 1 + c * PLANE + i] ?? 0;
  }
  return { pixels, labels };
}

/** From pixels [n, 32, 32, 3] and labels [n] to records [n, 1 + 3·32·32]. */
export function packRecords(pixels: Uint8Array, labels: ArrayLike<number>): Uint8Array {
  const records = new Uint8Array(labels.length * RECORD_BYTES);
  for (let n = 0; n < labels.length; n++) {
    const to = n * RECORD_BYTES;
    records[to] = labels[n] ?? 0;
    for (let i = 0; i < PLANE; i++)
      for (let c = 0; c < 3; c++)
        records[to + 1 + c * PLANE + i] = pixels[n * IMAGE_BYTES + i * 3 + c] ?? 0;
  }
  return records;
}
