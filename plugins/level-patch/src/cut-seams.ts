// Where a new patch meets those that are placed, it takes over along the path on which both differ least: A. A. Efros, W. T.
// Freeman: "Image quilting for texture synthesis and transfer", SIGGRAPH 2001, doi:10.1145/383259.383296.

/**
 * Which pixels a new patch takes over.
 *
 * @param differences squared differences to what is placed [patch, patch]; only those inside of the overlaps are read
 * @param left columns that overlap with patches to the left
 * @param top rows that overlap with patches above
 * @returns 1 where the new patch's pixel counts, 0 where the placed one stays [patch, patch]
 */
export function cutSeams(
  differences: Float64Array,
  patch: number,
  left: number,
  top: number,
): Uint8Array {
  const down = cheapestPath(patch, left, (y, x) => differences[y * patch + x]!);
  const across = cheapestPath(patch, top, (x, y) => differences[y * patch + x]!);
  const taken = new Uint8Array(patch * patch);
  for (let y = 0; y < patch; y += 1)
    for (let x = 0; x < patch; x += 1)
      taken[y * patch + x] = x >= down[y]! && y >= across[x]! ? 1 : 0;
  return taken;
}

/**
 * The cheapest path through a strip of `length` steps and `width` lanes that moves by at most one lane a step: of each step
 * the lane. Without lanes 0.
 */
function cheapestPath(
  length: number,
  width: number,
  cost: (step: number, lane: number) => number,
): Int32Array {
  const path = new Int32Array(length);
  if (width === 0) return path;
  const sums = new Float64Array(length * width);
  const from = (step: number, lane: number): number => {
    let best = lane;
    for (const other of [lane - 1, lane + 1])
      if (other >= 0 && other < width && sums[step * width + other]! < sums[step * width + best]!)
        best = other;
    return best;
  };
  for (let step = 0; step < length; step += 1)
    for (let lane = 0; lane < width; lane += 1)
      sums[step * width + lane] =
        cost(step, lane) + (step > 0 ? sums[(step - 1) * width + from(step - 1, lane)]! : 0);
  let lane = 0;
  for (let other = 1; other < width; other += 1)
    if (sums[(length - 1) * width + other]! < sums[(length - 1) * width + lane]!) lane = other;
  for (let step = length - 1; step >= 0; step -= 1) {
    path[step] = lane;
    if (step > 0) lane = from(step - 1, lane);
  }
  return path;
}
