import {
  boxBilinearTransform,
  imageBatch,
  plainViews,
  randomStream,
  type Size,
} from '@lapyra/core';

const sizes: Size[] = [
  [8, 8],
  [14, 14],
  [28, 28],
];
const image = imageBatch([1, 28, 28, 3], randomStream('demo').normal(28 * 28 * 3));
const { coarse, low, band } = plainViews(boxBilinearTransform, image, sizes, 2);
console.log(coarse?.shape); // [1, 14, 14, 3]
console.log(low?.shape, band?.shape); // u(coarse) and what it lacks, [1, 28, 28, 3]: their sum is the image

const noise = randomStream(1, '14', 250, 'plane').uniform(3, -1, 1);
console.log(noise); // the same bits wherever, whenever, in any order
