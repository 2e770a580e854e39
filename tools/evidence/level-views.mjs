import {
  conditionWidth,
  dewhiten,
  drawNoiseByImage,
  imageBatch,
  plainViews,
  sizeName,
  transformGain,
  whiten,
} from '@lapyra/core';

const AT_ONCE = 50;

/**
 * Real images as level `name` of a trained run sees them, and what the level draws in their place.
 *
 * @param pixels uint8 [n, H, W, C] of the finest size
 * @param conditions float32 [n, width], if the pyramid has a condition
 */
export async function levelViews(run, name, pixels, conditions) {
  const { levels, transform, whitening } = run;
  const sizes = levels.map(({ place }) => place.size);
  const index = levels.findIndex(({ place }) => sizeName(place.size) === name);
  const { place, noise } = levels[index];
  const finest = sizes.at(-1);
  const count = pixels.length / (finest[0] * finest[1] * place.channels);
  const full = whiten(pixels, [count, ...finest, place.channels], whitening);
  const views = plainViews(transform.plain, full, sizes, index);
  const gain = transformGain(transform.plain, sizes, index);
  const toPixels = (images) => dewhiten(images, whitening, gain);
  const runner = await run.runner(name);
  return {
    /** Normalised `image`, and at a refining level `coarse`, `low` and `band`, [n, …] each. */
    ...views,
    count,
    size: place.size,
    /** Normalised images of this level as pixels. */
    toPixels,
    /** A normalised image batch of the transform's d, taken to the size below: for ‖d(out) − coarse‖. */
    downsample: (images) => transform.plain.downsample(images, place.coarse),
    /** What the level draws from the true coarse images [n, H, W, C], normalised; another round has other noise. */
    draw: async ({ seed = 1, round = 0 } = {}) => {
      const drawn = imageBatch(views.image.shape);
      const per = drawn.data.length / count;
      for (let first = 0; first < count; first += AT_ONCE) {
        const some = Math.min(AT_ONCE, count - first);
        const inputs = {};
        const made = drawNoiseByImage(noise, first, some, seed, name, 'evidence', round);
        for (const [key, value] of Object.entries(made)) inputs[`noise.${key}`] = value;
        if (views.coarse) inputs.coarse = rows(views.coarse.data, views.coarse.shape, first, some);
        const width = conditionWidth(place.condition);
        if (width > 0) inputs.condition = rows(conditions, [count, width], first, some);
        const { data } = await runner.run(inputs);
        drawn.data.set(data, first * per);
      }
      return drawn;
    },
  };
}

function rows(data, [, ...shape], first, count) {
  const per = shape.reduce((product, side) => product * side, 1);
  return {
    dtype: 'float32',
    shape: [count, ...shape],
    data: data.slice(first * per, (first + count) * per),
  };
}
