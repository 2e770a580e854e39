import type { NoiseSpec, NoiseTensor } from '../noise.js';
import { elementCount, type TensorValue, type TensorValues } from '../tensor-value.js';
import { philoxFill } from './philox.js';
import { randomKeys } from './random-key.js';
import { normalOf, randomStream, type RandomStream, uniformOf } from './random-stream.js';

/**
 * The noise of `count` images at once, as a training step needs it: each tensor of `spec` by its name, float32
 * [count, …shape], keyed by (…key, name).
 */
export function drawNoise(
  spec: NoiseSpec,
  count: number,
  ...key: readonly (string | number)[]
): TensorValues {
  return mapNoise(spec, (name, tensor) => {
    const data = draw(randomStream(...key, name), tensor, count * elementCount(tensor.shape));
    return { dtype: 'float32', shape: [count, ...tensor.shape], data };
  });
}

/**
 * The noise of the images `firstImage` … `firstImage + count − 1`, as sampling needs it: keyed by (…key, name, number of
 * the image), so that the noise of an image does not depend on how images are put into batches.
 */
export function drawNoiseByImage(
  spec: NoiseSpec,
  firstImage: number,
  count: number,
  ...key: readonly (string | number)[]
): TensorValues {
  return mapNoise(spec, (name, tensor) => {
    const length = elementCount(tensor.shape);
    const keyOf = randomKeys([...key, name]);
    // One array for all images: many small ones are work for the garbage collector.
    const words = new Uint32Array(count * length);
    for (let i = 0; i < count; i += 1)
      philoxFill(keyOf(firstImage + i), 0, words.subarray(i * length, (i + 1) * length));
    const data = tensor.distribution === 'uniform' ? uniformOf(words, -1, 1) : normalOf(words);
    return { dtype: 'float32', shape: [count, ...tensor.shape], data };
  });
}

function mapNoise(
  spec: NoiseSpec,
  make: (name: string, tensor: NoiseTensor) => TensorValue,
): TensorValues {
  return Object.fromEntries(
    Object.entries(spec).map(([name, tensor]) => [name, make(name, tensor)]),
  );
}

function draw(stream: RandomStream, { distribution }: NoiseTensor, length: number): Float32Array {
  return distribution === 'uniform' ? stream.uniform(length, -1, 1) : stream.normal(length);
}
