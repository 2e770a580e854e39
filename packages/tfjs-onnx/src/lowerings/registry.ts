import { activations } from './activations.js';
import { arithmetic } from './arithmetic.js';
import { casts } from './cast.js';
import { concats } from './concat.js';
import { constants } from './constants.js';
import { convolutions } from './conv2d.js';
import { exponentials } from './exponentials.js';
import { fusedKernels } from './fused.js';
import { groupedConvolutions } from './grouped-conv2d.js';
import { gathers } from './gather.js';
import { argReductions } from './arg-reductions.js';
import { batchNorms } from './batch-norm.js';
import { bits } from './bits.js';
import { volumeConvolutions } from './conv3d.js';
import { counts } from './counting.js';
import { crops } from './crop-and-resize.js';
import { cumulatives } from './cumulative.js';
import { depthwiseConvolutions } from './depthwise-conv2d.js';
import { diagonals } from './diagonal.js';
import { dilations } from './dilation2d.js';
import { einsums } from './einsum.js';
import { pixelShuffles } from './pixel-shuffle.js';
import { pools } from './pool.js';
import { volumePools } from './pool3d.js';
import { resizes } from './resize.js';
import { softmaxes } from './softmax.js';
import { spaces } from './space.js';
import type { Kernel } from './kernel.js';
import { logic } from './logic.js';
import { localResponses } from './lrn.js';
import { matMuls } from './mat-mul.js';
import { suppressions } from './non-max-suppression.js';
import { pads } from './pad.js';
import { reductions } from './reductions.js';
import { reshapes } from './reshape.js';
import { rounding } from './rounding.js';
import { samplings } from './sampling.js';
import { scatters } from './scatter.js';
import { sequences } from './sequences.js';
import { shapeArithmetic } from './shape-arithmetic.js';
import { slices } from './slice.js';
import { splits } from './split.js';
import { tiles } from './tile.js';
import { topKs } from './top-k.js';
import { imageTransforms } from './transform-image.js';
import { transposes } from './transpose.js';
import { trigonometry } from './trigonometry.js';

const KERNELS: Map<string, Kernel> = new Map(
  [
    activations,
    arithmetic,
    casts,
    concats,
    constants,
    convolutions,
    exponentials,
    fusedKernels,
    gathers,
    groupedConvolutions,
    logic,
    matMuls,
    pads,
    samplings,
    suppressions,
    reductions,
    reshapes,
    rounding,
    scatters,
    slices,
    splits,
    argReductions,
    batchNorms,
    bits,
    counts,
    crops,
    cumulatives,
    depthwiseConvolutions,
    diagonals,
    dilations,
    einsums,
    imageTransforms,
    localResponses,
    pixelShuffles,
    pools,
    resizes,
    sequences,
    shapeArithmetic,
    softmaxes,
    spaces,
    tiles,
    topKs,
    transposes,
    trigonometry,
    volumeConvolutions,
    volumePools,
  ]
    .flat()
    .map((kernel) => [kernel.name, kernel]),
);

/** What is known of a tfjs kernel; undefined if it has no translation. */
export function findKernel(name: string): Kernel | undefined {
  return KERNELS.get(name);
}

/** Take a kernel into the registry, in place of one of its name. */
export function addKernel(kernel: Kernel): void {
  if (KERNELS.has(kernel.name)) replaced += 1;
  KERNELS.set(kernel.name, kernel);
}

let replaced = 0;

/** How often a translation took the place of another one: what was compiled before may be out of date. */
export function replacements(): number {
  return replaced;
}

/** Kernels that tfjs does not know: the compiler makes them. */
const OWN: ReadonlySet<string> = new Set([
  'Constant',
  'GroupedConv2D',
  'GroupedConv2DBackpropInput',
  'PixelShuffle',
  'PixelUnshuffle',
]);

/** Names of all kernels that can be translated: those of tfjs, and those that were added. */
export function supportedKernels(): string[] {
  return [...KERNELS.keys()].filter((name) => !OWN.has(name)).sort();
}
