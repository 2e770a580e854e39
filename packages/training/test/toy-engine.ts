// An engine in plain JavaScript for toy programs, whose "tensors" are TensorValues in disguise: programs get what the
// host gave and compute with typed arrays. It checks shapes and names as a real engine would.
import {
  boxBilinearTransform,
  elementCount,
  type Engine,
  type EngineState,
  type ImageBatch,
  imageBatch,
  plainViews,
  type TensorProgram,
  type Tensors,
  type TensorValue,
  type TensorValues,
  type Transform,
  whiten,
  type Whitening,
} from '@lapyra/core';

/** As programs see it; training knows no tensor library, so host values stand for tensors. */
export type Tensor = Tensors[string];

export const toTensor = (value: TensorValue): Tensor => value as unknown as Tensor;
export const toValue = (tensor: Tensor | undefined): TensorValue =>
  tensor as unknown as TensorValue;

export const float = (shape: readonly number[], data: Float32Array | readonly number[]): Tensor =>
  toTensor({ dtype: 'float32', shape, data: Float32Array.from(data) });

const images = (tensor: Tensor): ImageBatch => {
  const { shape, data } = toValue(tensor);
  return imageBatch(shape, data as Float32Array);
};

const fromImages = (batch: ImageBatch): Tensor => toTensor({ dtype: 'float32', ...batch });

/** `box-bilinear`, its tensor half for {@link createToyEngine}. */
export const toyTransform: Transform = {
  plain: boxBilinearTransform,
  tensor: {
    downsample: (image, size) => fromImages(boxBilinearTransform.downsample(images(image), size)),
    upsample: (coarse, size) => fromImages(boxBilinearTransform.upsample(images(coarse), size)),
    join: (low, band) => {
      const other = toValue(band).data;
      const { shape, data } = images(low);
      return float(
        shape,
        data.map((x, i) => x + (other[i] as number)),
      );
    },
    views: (pixels, whitening, sizes, index) => {
      const { shape, data } = toValue(pixels);
      const mean = toValue(whitening.mean);
      const plain = {
        kind: 'channel',
        shape: mean.shape as Whitening['shape'],
        mean: mean.data as Float32Array,
        scale: toValue(whitening.scale).data as Float32Array,
      } as const;
      const all = plainViews(
        boxBilinearTransform,
        whiten(data as Uint8Array, shape, plain),
        sizes,
        index,
      );
      return {
        image: fromImages(all.image),
        coarse: all.coarse && fromImages(all.coarse),
        low: all.low && fromImages(all.low),
        band: all.band && fromImages(all.band),
      };
    },
  },
};

/** @param delay blocks this many milliseconds per run, as a native engine does */
export function createToyEngine(
  delay = 0,
): Engine & { readonly open: Engine['open']; opened: number } {
  const engine = {
    id: 'toy',
    opened: 0,
    open: async (first: TensorValues): Promise<EngineState> => {
      engine.opened++;
      const state = new Map(Object.entries(first).map(([name, value]) => [name, copy(value)]));
      const get = (name: string): TensorValue => {
        const value = state.get(name);
        if (!value) throw new Error(`toy engine: no state '${name}'`);
        return value;
      };
      return {
        compile: async (program, batch) => ({
          run: async (inputs, options) => {
            const given = Object.entries(checked(program, inputs, batch));
            const result = program.run(
              Object.fromEntries(program.reads.map((name) => [name, toTensor(copy(get(name)))])),
              Object.fromEntries(given.map(([name, value]) => [name, toTensor(value)])),
            );
            for (const name of program.writes) replace(name, toValue(result.state[name]));
            const until = performance.now() + delay;
            while (performance.now() < until);
            return outputs(program, result.outputs, options?.read);
          },
          dispose: async () => undefined,
        }),
        read: async (names = [...state.keys()]) =>
          Object.fromEntries(names.map((name) => [name, copy(get(name))])),
        write: async (part) => {
          for (const [name, value] of Object.entries(part)) replace(name, value);
        },
        dispose: async () => {
          engine.opened--;
        },
      };

      function replace(name: string, value: TensorValue): void {
        if (get(name).shape.join() !== value.shape.join())
          throw new Error(
            `toy engine: state '${name}' changed its shape to [${value.shape.join()}]`,
          );
        state.set(name, copy(value));
      }
    },
    dispose: async () => undefined,
  };
  return engine;
}

function checked(program: TensorProgram, inputs: TensorValues, batch?: number): TensorValues {
  const names = Object.keys(program.inputs).toSorted().join();
  if (Object.keys(inputs).toSorted().join() !== names)
    throw new Error(`toy engine: expected inputs ${names}, got ${Object.keys(inputs).join()}`);
  for (const [name, { dtype, shape }] of Object.entries(program.inputs)) {
    const value = inputs[name] as TensorValue;
    const wanted = shape.map((side) => side ?? batch);
    if (
      value.dtype !== dtype ||
      value.shape.join() !== wanted.join() ||
      value.data.length !== elementCount(value.shape)
    )
      throw new Error(
        `toy engine: expected '${name}' ${dtype} [${wanted.join()}], got ${value.dtype} [${value.shape.join()}]`,
      );
  }
  return inputs;
}

function outputs(program: TensorProgram, all: Tensors, read?: readonly string[]): TensorValues {
  const names = read ?? Object.keys(program.outputs);
  return Object.fromEntries(names.map((name) => [name, copy(toValue(all[name]))]));
}

function copy({ dtype, shape, data }: TensorValue): TensorValue {
  return { dtype, shape, data: data.slice() };
}
