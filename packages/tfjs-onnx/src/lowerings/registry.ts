import { activations } from './activations.js';
import { arithmetic } from './arithmetic.js';
import { casts } from './cast.js';
import { concats } from './concat.js';
import { constants } from './constants.js';
import { convolutions } from './conv2d.js';
import { exponentials } from './exponentials.js';
import { gathers } from './gather.js';
import type { Kernel } from './kernel.js';
import { logic } from './logic.js';
import { matMuls } from './mat-mul.js';
import { pads } from './pad.js';
import { reductions } from './reductions.js';
import { reshapes } from './reshape.js';
import { rounding } from './rounding.js';
import { slices } from './slice.js';
import { splits } from './split.js';
import { tiles } from './tile.js';
import { transposes } from './transpose.js';
import { trigonometry } from './trigonometry.js';

const KERNELS: ReadonlyMap<string, Kernel> = new Map(
  [
    activations,
    arithmetic,
    casts,
    concats,
    constants,
    convolutions,
    exponentials,
    gathers,
    logic,
    matMuls,
    pads,
    reductions,
    reshapes,
    rounding,
    slices,
    splits,
    tiles,
    transposes,
    trigonometry,
  ]
    .flat()
    .map((kernel) => [kernel.name, kernel]),
);

/** What is known of a tfjs kernel; undefined if it has no translation. */
export function findKernel(name: string): Kernel | undefined {
  return KERNELS.get(name);
}

/** Names of all kernels that can be translated. */
export function supportedKernels(): string[] {
  return [...KERNELS.keys()].filter((name) => name !== 'Constant').sort();
}
