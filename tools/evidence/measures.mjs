/** Mean of the squared differences of two equally long lists of numbers. */
export function meanSquaredError(a, b) {
  if (a.length !== b.length || a.length === 0)
    throw new Error(`expected as many numbers on both sides, got ${a.length} and ${b.length}.`);
  let sum = 0;
  for (let at = 0; at < a.length; at += 1) sum += (a[at] - b[at]) ** 2;
  return sum / a.length;
}

/**
 * Peak signal-to-noise ratio of pixels 0…255 in dB, 10·log₁₀(255² ÷ MSE): the mean over the images.
 *
 * @param images how many both lists hold
 */
export function psnr(a, b, images) {
  const one = a.length / images;
  let sum = 0;
  for (let image = 0; image < images; image += 1) {
    const part = (list) => list.subarray(image * one, (image + 1) * one);
    sum += 10 * Math.log10(255 ** 2 / meanSquaredError(part(a), part(b)));
  }
  return sum / images;
}
