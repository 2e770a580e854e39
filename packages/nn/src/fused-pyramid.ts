import {
  conditionWidth,
  elementCount,
  type InputSpec,
  type Level,
  LapyraError,
  levelProgram,
  type NoiseDistribution,
  sameSize,
  sizeName,
  type TensorProgram,
  type Tensors,
  type TensorTransform,
  type Whitening,
} from '@lapyra/core';
import * as tf from '@tensorflow/tfjs-core';
import { expectOption, expectTensor } from './expect.js';
import { withoutPrefix } from './scoped.js';

export interface FusedPyramidOptions {
  /** From coarse to fine, each on top of the one before. */
  readonly levels: readonly Level[];
  readonly transform: TensorTransform;
  /** That of the full-size images, which the last level draws. */
  readonly whitening: Pick<Whitening, 'mean' | 'scale' | 'shape'>;
}

/** Where a noise tensor of a level stands in `z`. */
export interface NoiseSlice {
  /** The level's size name: `14`. */
  readonly level: string;
  /** The noise's name in the level. */
  readonly noise: string;
  /** Of its first element, within one image's z. */
  readonly offset: number;
  /** Number of elements, row-major in the noise's shape. */
  readonly length: number;
}

export interface FusedPyramid {
  readonly program: TensorProgram;
  readonly slices: readonly NoiseSlice[];
}

/**
 * A whole pyramid as one tensor program, for export: from noise to pixels.
 *
 * Inputs: `z` [B, Z] standard normal (a level's uniform noise is erf(z/√2)), and `class` int32 [B] or `embedding` [B, E]
 * if the pyramid has a condition. Output: `image` uint8 [B, C, H, W] = round(x · scale + mean), half to even, clipped to
 * 0…255. The state of each level stands behind `level-<size>.`: `level-14.g.conv1.weight`.
 *
 * @throws {LapyraError} `LAPYRA_LEVEL_HOST` if a sampler runs on the host; `LAPYRA_NN_OPTION` if the levels do not stand
 * on each other, or the whitening is for images of another size
 */
export function fusedPyramid({ levels, transform, whitening }: FusedPyramidOptions): FusedPyramid {
  const [first, last] = chainEnds(levels);
  assertWhitening(last, whitening.shape);

  const parts = levels.map((level) => {
    const name = sizeName(level.place.size);
    return { level, name, prefix: `level-${name}.`, program: levelProgram(level, transform) };
  });
  const slices: NoiseSlice[] = [];
  let width = 0;
  for (const { level, name } of parts) {
    for (const [noise, { shape }] of Object.entries(level.noise)) {
      const length = elementCount(shape);
      slices.push({ level: name, noise, offset: width, length });
      width += length;
    }
  }

  const { condition: spec } = first.place;
  const inputs: Record<string, InputSpec> = {};
  if (width > 0) inputs['z'] = { dtype: 'float32', shape: [null, width] };
  if (spec.kind === 'classes') inputs['class'] = { dtype: 'int32', shape: [null] };
  if (spec.kind === 'embedding')
    inputs['embedding'] = { dtype: 'float32', shape: [null, spec.width] };

  const program: TensorProgram = {
    name: `pyramid ${parts.map(({ name }) => name).join('-')}`,
    reads: parts.flatMap(({ prefix, program: { reads } }) => reads.map((name) => prefix + name)),
    writes: [],
    inputs,
    outputs: { image: 'uint8' },
    run: (state, given) => {
      const condition =
        spec.kind === 'classes'
          ? oneHot(expectTensor('fusedPyramid', given, 'class'), conditionWidth(spec))
          : given['embedding'];
      const image = parts.reduce(
        (coarse: tf.Tensor | null, { level, name, prefix, program: own }) => {
          const noise: Record<string, tf.Tensor> = {};
          for (const slice of slices.filter((each) => each.level === name)) {
            const tensor = level.noise[slice.noise];
            if (tensor) noise[`noise.${slice.noise}`] = noiseOf(given, slice, tensor);
          }
          const result = own.run(withoutPrefix(prefix, state), {
            ...noise,
            ...(coarse && { coarse }),
            ...(condition && { condition }),
          });
          return expectTensor(own.name, result.outputs, 'image'); // [B, H, W, C]
        },
        null,
      );
      return { state: {}, outputs: { image: toPixels(image ?? tf.scalar(0), whitening) } };
    },
  };
  return { program, slices };
}

/** A slice of z as the level wants it: [B, …shape]. */
function noiseOf(
  inputs: Tensors,
  { offset, length }: NoiseSlice,
  { shape, distribution }: { shape: readonly number[]; distribution: NoiseDistribution },
): tf.Tensor {
  const z = expectTensor('fusedPyramid', inputs, 'z');
  const [batch = 0] = z.shape;
  const normal = tf.slice(z, [0, offset], [batch, length]);
  // As rows: engines are slow at one number for all of [B, H, W, 1].
  const drawn = distribution === 'normal' ? normal : tf.erf(tf.mul(normal, Math.SQRT1_2)); // 2Φ(z) − 1
  return tf.reshape(drawn, [batch, ...shape]);
}

/** Classes [B] → [B, count]. */
function oneHot(classes: tf.Tensor, count: number): tf.Tensor {
  const names = tf.tensor2d(
    Array.from({ length: count }, (_, index) => index),
    [1, count],
    'int32',
  );
  return tf.cast(tf.equal(tf.reshape(classes, [classes.shape[0] ?? 0, 1]), names), 'float32');
}

/** Normalised images [B, H, W, C] → pixels [B, C, H, W]. */
function toPixels(image: tf.Tensor, whitening: FusedPyramidOptions['whitening']): tf.Tensor {
  const map = (values: Float32Array): tf.Tensor => tf.tensor(values, [...whitening.shape]);
  const pixels = tf.add(tf.mul(image, map(whitening.scale)), map(whitening.mean));
  const rounded = tf.clipByValue(tf.round(pixels), 0, 255); // tf.round rounds half to even
  return tf.cast(tf.transpose(rounded, [0, 3, 1, 2]), 'int32');
}

/** The first and the last level, after checking that each stands on the one before. */
function chainEnds(levels: readonly Level[]): readonly [first: Level, last: Level] {
  const [first] = levels;
  const last = levels.at(-1);
  const chained = levels.every(({ place: { coarse } }, index) => {
    const below = levels[index - 1];
    return below && coarse ? sameSize(coarse, below.place.size) : !below && !coarse;
  });
  if (first && last && chained) return [first, last];
  throw new LapyraError(
    'LAPYRA_NN_OPTION',
    `fusedPyramid: expected levels that stand on each other, from coarse to fine, got ${levels.map(({ place }) => sizeName(place.size)).join(', ') || 'none'}.`,
  );
}

function assertWhitening({ place }: Level, shape: readonly number[]): void {
  const [one, height = 0, width = 0, channels] = shape;
  const fits = sameSize([height, width], [1, 1]) || sameSize([height, width], place.size);
  expectOption(
    'fusedPyramid',
    one === 1 && fits && channels === place.channels,
    `a whitening for images [${[...place.size, place.channels].join(', ')}]`,
    shape,
  );
}
