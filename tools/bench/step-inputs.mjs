import { elementCount, randomStream } from '@lapyra/core';

/** Inputs of a step of the benchmark: pixels, noise and masks by a seed, and the scalars of a training's first step. */
export function stepInputs(level, program, composed) {
  const { training } = level;
  return Object.fromEntries(
    Object.entries(composed.inputs).map(([key, { shape, dtype }]) => [
      key,
      { shape, dtype, data: dataOf(key, dtype, elementCount(shape)) },
    ]),
  );

  function dataOf(key, dtype, count) {
    const stream = randomStream(1, key);
    if (dtype === 'uint8') return Uint8Array.from(stream.integers(count, 256));
    if (key in training.scalars)
      return Float32Array.of(training.scalars[key].at({ step: 0, steps: 1000, images: 45_000 }));
    const keep = program.random[key]?.distribution.keep;
    return keep ? stream.keep(count, keep) : stream.uniform(count, -1, 1);
  }
}
