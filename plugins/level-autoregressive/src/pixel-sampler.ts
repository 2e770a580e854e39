import {
  type CompiledProgram,
  elementCount,
  type HostSampler,
  type LevelPlace,
  type TensorProgram,
  type TensorValue,
} from '@lapyra/core';

export interface PixelSamplerOptions {
  /**
   * From `values` [B, H, W, C], the noise and what is given to `values`, where each pixel depends on those before it and on
   * noise of its own.
   */
  readonly program: TensorProgram;
  readonly place: LevelPlace;
  /** Pixel values as a normalised image. */
  toImage(values: Float32Array): Float32Array;
}

/**
 * Draws the first pixel, then the second given it, and so on. Each pass of the program draws all pixels; after i passes the
 * first i are what they will be. A pass that changes nothing ends it: the image is then the one that pixel after pixel
 * would give, since no other is drawn from itself by this noise (Song et al. 2021, Accelerating Feedforward Computation
 * via Parallel Nonlinear Equation Solving). That takes a fraction of the passes.
 */
export function pixelSampler({ program, place, toImage }: PixelSamplerOptions): HostSampler {
  const { size, channels } = place;
  const pixels = size[0] * size[1];
  return {
    kind: 'host',
    open: async (state, engine) => {
      const opened = await engine.open(
        Object.fromEntries(program.reads.map((name) => [name, state[name]!])),
        { fixed: true },
      );
      const byBatch = new Map<number, Promise<CompiledProgram>>();
      return {
        sample: async (inputs, work) => {
          const batch = inputs['noise.u']!.shape[0]!;
          const shape = [batch, ...size, channels];
          let compiled = byBatch.get(batch);
          if (!compiled) byBatch.set(batch, (compiled = opened.compile(program, batch)));
          const { run } = await compiled;
          const wanted = Object.keys(program.inputs).filter((name) => name !== 'values');
          const given = Object.fromEntries(wanted.map((name) => [name, inputs[name]!]));
          let values: TensorValue = {
            dtype: 'float32',
            shape,
            data: new Float32Array(elementCount(shape)),
          };
          for (let pass = 0; pass < pixels; pass += 1) {
            work?.signal.throwIfAborted();
            const next = (await run({ ...given, values }))['values']!;
            const same = next.data.every((value, at) => value === values.data[at]);
            values = { dtype: 'float32', shape, data: Float32Array.from(next.data) };
            if (same) break;
            work?.report({ done: pass + 1, total: pixels, note: 'passes over the pixels' });
            await new Promise((resolve) => setTimeout(resolve)); // engines may block: let an abort in
          }
          work?.report({ done: pixels, total: pixels });
          return { dtype: 'float32', shape, data: toImage(values.data as Float32Array) };
        },
        dispose: () => opened.dispose(),
      };
    },
  };
}
