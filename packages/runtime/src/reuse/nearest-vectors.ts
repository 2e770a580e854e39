import type { Engine, TensorProgram } from '@lapyra/core';
import type { CropView } from './crop-views.js';

/** A training image near to a query, by which view of it, and how far. */
export interface Neighbour {
  readonly index: number;
  readonly view: CropView;
  /** Between the vectors. */
  readonly distance: number;
}

/** One view of some images as vectors [indices, width]. */
export interface DescribedImages {
  readonly indices: readonly number[];
  readonly view: CropView;
  readonly vectors: Float32Array;
}

/**
 * The `keep` nearest images of each query, nearest first, each image once, by the nearest of its views. Distances are
 * Euclidean, in float32 (see `squaredDistances` of @lapyra/nn); of equals the first comes first.
 *
 * @param queries [q, width]
 */
export async function nearestVectors(
  engine: Engine,
  queries: Float32Array,
  width: number,
  keep: number,
  images: AsyncIterable<DescribedImages>,
): Promise<readonly (readonly Neighbour[])[]> {
  const { squaredDistances } = await import('@lapyra/nn'); // all of tfjs: not for the sake of lapyra status
  const count = queries.length / width;
  const found = Array.from({ length: count }, () => createRanking(keep));
  const state = await engine.open({
    queries: { dtype: 'float32', shape: [count, width], data: queries },
  });
  const program: TensorProgram = {
    name: 'distances',
    reads: ['queries'],
    writes: [],
    inputs: { vectors: { dtype: 'float32', shape: [null, width] } },
    outputs: { squares: 'float32' },
    run: (given, { vectors }) => ({
      state: {},
      outputs: { squares: squaredDistances(given['queries']!, vectors!) }, // [q, n]
    }),
  };
  try {
    const compiled = new Map<number, ReturnType<typeof state.compile>>();
    for await (const { indices, view, vectors } of images) {
      const many = indices.length;
      const one = compiled.get(many) ?? state.compile(program, many);
      compiled.set(many, one);
      const { squares } = await (
        await one
      ).run({ vectors: { dtype: 'float32', shape: [many, width], data: vectors } });
      found.forEach((ranking, query) => {
        indices.forEach((index, at) =>
          ranking.offer({ index, view, distance: squares!.data[query * many + at]! }),
        );
      });
    }
  } finally {
    await state.dispose();
  }
  return found.map((ranking) =>
    ranking.list().map((near) => ({ ...near, distance: Math.sqrt(near.distance) })),
  );
}

/** The `keep` nearest so far, each image once. */
export function createRanking(keep: number): {
  offer(neighbour: Neighbour): void;
  list(): readonly Neighbour[];
} {
  const best: Neighbour[] = [];
  return {
    offer: (neighbour) => {
      const { distance } = neighbour;
      if (best.length === keep && distance >= best.at(-1)!.distance) return;
      const before = best.findIndex(({ index }) => index === neighbour.index);
      if (before >= 0) {
        if (best[before]!.distance <= distance) return;
        best.splice(before, 1);
      }
      const after = best.findIndex((other) => other.distance > distance);
      best.splice(after < 0 ? best.length : after, 0, neighbour);
      if (best.length > keep) best.pop();
    },
    list: () => best,
  };
}
