import type { Neighbour } from './nearest-vectors.js';

/** Distances to the nearest training image. */
export interface NeighboursSummary {
  readonly samples: { readonly least: number; readonly median: number };
  /** Of images kept aside; `null` if there are none. One in twenty of them is nearer than `twentieth`. */
  readonly keptAside: {
    readonly count: number;
    readonly least: number;
    readonly twentieth: number;
    readonly median: number;
  } | null;
  /** Samples that are nearer than `twentieth`: one in twenty are to be expected of a model that draws like the data. */
  readonly nearer: number;
}

type Found = readonly (readonly Neighbour[])[];

/** What the distances of samples and of images kept aside say together. */
export function summarise(samples: Found, keptAside: Found): NeighboursSummary {
  const drawn = sortedDistances(samples);
  const real = sortedDistances(keptAside);
  const twentieth = quantile(real, 0.05);
  return {
    samples: { least: quantile(drawn, 0), median: quantile(drawn, 0.5) },
    keptAside:
      real.length === 0
        ? null
        : { count: real.length, least: real[0]!, twentieth, median: quantile(real, 0.5) },
    nearer: real.length === 0 ? 0 : drawn.filter((distance) => distance < twentieth).length,
  };
}

function sortedDistances(found: Found): number[] {
  return found.map(([first]) => first!.distance).toSorted((a, b) => a - b);
}

/** Linear between the sorted values, from the least (0) to the greatest (1). */
function quantile(sorted: readonly number[], share: number): number {
  const at = share * (sorted.length - 1);
  const below = sorted[Math.floor(at)] ?? Number.NaN;
  const above = sorted[Math.ceil(at)] ?? Number.NaN;
  return below + (above - below) * (at - Math.floor(at));
}
