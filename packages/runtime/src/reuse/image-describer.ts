// A way to see images as vectors, so that near means alike: their pixels, or a layer of a feature net.
import {
  checkFeatures,
  elementCount,
  type Engine,
  type FeatureNet,
  type Size,
  type TensorProgram,
} from '@lapyra/core';

export interface ImageDescriber {
  /** For messages: `pixels`, or the net and its layer. */
  readonly name: string;
  /** Length of a vector. */
  readonly width: number;
  /** Vectors [n, width] of images uint8 [n, H, W, C]. */
  describe(pixels: Uint8Array): Promise<Float32Array>;
}

/** Pixels as they are, moved to −1 … 1 for the sake of float32. */
export function pixelDescriber(size: Size, channels: number): ImageDescriber {
  return {
    name: 'pixels',
    width: elementCount([...size, channels]),
    describe: async (pixels) => Float32Array.from(pixels, (value) => value / 127.5 - 1),
  };
}

/**
 * A layer of a feature net, its numbers in a row. What it takes of the engine is freed with the engine.
 */
export async function featureDescriber(
  engine: Engine,
  net: FeatureNet,
  images: { readonly size: Size; readonly channels: number },
  layer: string,
): Promise<ImageDescriber> {
  const shape = [...images.size, images.channels];
  const program: TensorProgram = {
    name: net.name,
    reads: Object.keys(net.weights),
    writes: [],
    inputs: { pixels: { dtype: 'float32', shape: [null, ...shape] } },
    outputs: { features: 'float32' },
    run: (weights, { pixels }) => ({
      state: {},
      outputs: { features: net.apply(weights, pixels!, [layer])[layer]! },
    }),
  };
  const state = await engine.open(net.weights);
  const run = batchRunner(state, program, shape);
  const probe = await run(new Uint8Array(elementCount(shape)));
  return {
    name: `${net.name}, ${layer}`,
    width: probe.length,
    describe: run,
  };
}

/** Runs a program on any number of images; it is compiled once for each. */
function batchRunner(
  state: Awaited<ReturnType<Engine['open']>>,
  program: TensorProgram,
  shape: readonly number[],
): (pixels: Uint8Array) => Promise<Float32Array> {
  const compiled = new Map<number, ReturnType<typeof state.compile>>();
  return async (pixels) => {
    const count = pixels.length / elementCount(shape);
    const one = compiled.get(count) ?? state.compile(program, count);
    compiled.set(count, one);
    const data = Float32Array.from(pixels);
    const result = await (
      await one
    ).run({ pixels: { dtype: 'float32', shape: [count, ...shape], data } });
    return Float32Array.from(result['features']!.data);
  };
}

/**
 * The layer that is wanted; without a wish the one before the scores of a classifier, else the last.
 *
 * @throws {LapyraError} `LAPYRA_FEATURES_*` if the net cannot describe such images by it
 */
export function chooseLayer(
  net: FeatureNet,
  images: { readonly size: Size; readonly channels: number },
  wanted?: string,
): string {
  const { layers, classifier } = net;
  const scores = classifier ? layers.indexOf(classifier.layer) : layers.length;
  const layer = wanted ?? layers[Math.max(0, scores - 1)]!;
  checkFeatures(net, images, [layer]);
  return layer;
}
