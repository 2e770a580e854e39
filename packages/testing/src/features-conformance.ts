// What every feature net must do, as a vitest suite.
import {
  elementCount,
  type Engine,
  type FeatureNet,
  type TensorProgram,
  type TensorValue,
  type TensorValues,
} from '@lapyra/core';
import { grad, square, sum } from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Closeness, expectClose } from './expect-close.js';
import { runOnce } from './level/draw-images.js';
import { drawnImages } from './drawn-images.js';

export interface FeaturesConformanceOptions {
  /** Title of the suite. */
  readonly name: string;
  readonly create: () => FeatureNet | Promise<FeatureNet>;
  /** Open the engine on which the net is run, one that can train; the suite disposes of it. */
  readonly engine: () => Promise<Engine>;
  /** How far apart features may be that differ by rounding only. @default { relative: 1e-4, absolute: 1e-4 } */
  readonly closeness?: Closeness;
}

/** One thing that a feature net must do; `run` throws if it does not. */
export interface FeaturesCheck {
  readonly title: string;
  run(): Promise<void>;
}

/**
 * The conformance suite of feature nets: call it at the top of a test file. The test file imports `@lapyra/nn`, directly
 * or not: it registers the gradients.
 *
 * A net must give each layer that it names, finite, for images of its least size and larger ones, for each image by
 * itself, the same alone as beside other layers, otherwise for other images; a gradient must reach the pixels from each
 * layer. The layer of a classifier scores as many classes as it has.
 */
export function featuresConformance(options: FeaturesConformanceOptions): void {
  describe(options.name, () => {
    let engine: Engine | undefined;
    beforeAll(async () => {
      engine = await options.engine();
    });
    afterAll(() => engine?.dispose());

    for (const { title, run } of featuresChecks(options, () => engine!)) it(title, run);
  });
}

export function featuresChecks(
  { create, closeness }: Omit<FeaturesConformanceOptions, 'name' | 'engine'>,
  engine: () => Engine,
): FeaturesCheck[] {
  const near = closeness ?? { relative: 1e-4, absolute: 1e-4 };
  const apply = async (
    net: FeatureNet,
    pixels: TensorValue,
    layers: readonly string[] = net.layers,
  ): Promise<TensorValues> => {
    const program = featureProgram(net, pixels.shape, layers);
    return runOnce(engine(), program, net.weights, { pixels }, pixels.shape[0]!);
  };
  return [
    {
      title: 'names its layers once each, and has finite weights',
      run: async () => {
        const { name, layers, classifier, weights } = await create();
        expect(name).toMatch(/\S/);
        expect(layers.length).toBeGreaterThan(0);
        expect(new Set(layers).size, 'different names').toBe(layers.length);
        if (classifier) {
          expect(layers).toContain(classifier.layer);
          expect(new Set(classifier.classes).size).toBe(classifier.classes.length);
        }
        for (const [key, { shape, data }] of Object.entries(weights)) {
          expect(data.length, key).toBe(elementCount(shape));
          expect(data.every(Number.isFinite), `${key} is finite`).toBe(true);
        }
      },
    },
    {
      title: 'describes images of its least size and larger ones, each layer of each image',
      run: async () => {
        const net = await create();
        const [height, width] = net.leastSize;
        for (const size of [net.leastSize, [height + 3, width + 5] as const]) {
          const given = await apply(net, someImages(net, size, 3));
          expect(Object.keys(given).toSorted()).toEqual([...net.layers].toSorted());
          for (const [layer, { shape, data }] of Object.entries(given)) {
            expect(shape[0], `images of ${layer}`).toBe(3);
            expect([2, 4], `dimensions of ${layer}`).toContain(shape.length);
            expect(data.every(Number.isFinite), `${layer} is finite`).toBe(true);
            const one = data.length / 3;
            expect([...data.slice(0, one)], layer).not.toEqual([...data.slice(one, 2 * one)]);
          }
          if (net.classifier)
            expect(given[net.classifier.layer]!.shape).toEqual([3, net.classifier.classes.length]);
        }
      },
    },
    {
      title:
        'describes an image whatever else is in its batch, and a layer whatever else is asked for',
      run: async () => {
        const net = await create();
        const whole = await apply(net, someImages(net, net.leastSize, 3));
        const alone = await apply(net, someImages(net, net.leastSize, 1));
        for (const layer of net.layers) {
          const { data } = whole[layer]!;
          expectClose(alone[layer]!, data.slice(0, data.length / 3), near);
          const single = await apply(net, someImages(net, net.leastSize, 3), [layer]);
          expect(Object.keys(single), 'layers that are given').toEqual([layer]);
          expectClose(single[layer]!, data, near);
        }
      },
    },
    {
      title: 'lets a gradient reach the pixels from each layer',
      run: async () => {
        const net = await create();
        const pixels = someImages(net, net.leastSize, 2);
        for (const layer of net.layers) {
          const program = gradientProgram(net, pixels.shape, layer);
          const { gradient } = await runOnce(engine(), program, net.weights, { pixels }, 2);
          expect(gradient!.data.every(Number.isFinite), `${layer}: finite`).toBe(true);
          expect(
            gradient!.data.some((value) => value !== 0),
            `${layer}: not zero`,
          ).toBe(true);
        }
      },
    },
  ];
}

function featureProgram(
  net: FeatureNet,
  [, ...image]: readonly number[],
  layers: readonly string[],
): TensorProgram {
  return {
    name: net.name,
    reads: Object.keys(net.weights),
    writes: [],
    inputs: { pixels: { dtype: 'float32', shape: [null, ...image] } },
    outputs: Object.fromEntries(layers.map((layer) => [layer, 'float32' as const])),
    run: (weights, { pixels }) => ({ state: {}, outputs: net.apply(weights, pixels!, layers) }),
  };
}

function gradientProgram(net: FeatureNet, shape: readonly number[], layer: string): TensorProgram {
  return {
    ...featureProgram(net, shape, [layer]),
    outputs: { gradient: 'float32' },
    run: (weights, { pixels }) => ({
      state: {},
      outputs: {
        gradient: grad((x) => sum(square(net.apply(weights, x, [layer])[layer]!)))(pixels!),
      },
    }),
  };
}

/** Pictures cut, or repeated, to a size and a number of channels: [count, H, W, C], 0…255. */
function someImages(
  { channels }: FeatureNet,
  [height, width]: readonly [number, number],
  count: number,
): TensorValue {
  const { pixels, shape } = drawnImages(count);
  const [, side, , given] = shape;
  const data = new Float32Array(count * height * width * channels);
  let at = 0;
  for (let image = 0; image < count; image++)
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++)
        for (let channel = 0; channel < channels; channel++)
          data[at++] =
            pixels[((image * side + (y % side)) * side + (x % side)) * given + (channel % given)]!;
  return { dtype: 'float32', shape: [count, height, width, channels], data };
}
