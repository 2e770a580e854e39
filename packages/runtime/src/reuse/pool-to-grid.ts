/** Rows and columns of the grid that larger maps are brought to. */
const GRID = 4;

/**
 * Maps [n, h, w, c] larger than 4 × 4 as the largest value of each cell of a grid of 4 × 4, [n, 4, 4, c]; others as they
 * are. Cells meet without overlap; those of a side that is no multiple of 4 differ by one pixel.
 *
 * It is how features of a discriminator were compared in Radford et al. 2016 (DCGAN), section 5.1.
 */
export function poolToGrid(
  data: Float32Array,
  shape: readonly number[],
): { readonly data: Float32Array; readonly shape: readonly number[] } {
  const [count = 0, height = 1, width = 1, channels = 1] = shape;
  if (shape.length !== 4 || (height <= GRID && width <= GRID)) return { data, shape };
  const [rows, columns] = [Math.min(GRID, height), Math.min(GRID, width)];
  const pooled = new Float32Array(count * rows * columns * channels).fill(-Infinity);
  for (let n = 0; n < count; n += 1)
    for (let y = 0; y < height; y += 1)
      for (let x = 0; x < width; x += 1) {
        const row = n * rows + Math.floor((y * rows) / height);
        const to = (row * columns + Math.floor((x * columns) / width)) * channels;
        const from = ((n * height + y) * width + x) * channels;
        for (let c = 0; c < channels; c += 1)
          pooled[to + c] = Math.max(pooled[to + c] as number, data[from + c] as number);
      }
  return { data: pooled, shape: [count, rows, columns, channels] };
}
