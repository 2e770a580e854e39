import type { TensorValue, TensorValues, WorkContext } from '@lapyra/core';
import { cutSeams } from './cut-seams.js';
import { describePatch, descriptorLength } from './describe-patch.js';
import { project } from './fit-patches.js';
import type { PatchLayout } from './patch-layout.js';
import type { PatchOptions } from './patch-options.js';
import { type Search, treeSearch } from './search-tree.js';

/** Stored patches, ready to be searched. */
export interface PatchStore {
  readonly search: Search;
  /** [components, description] */
  readonly axes: Float32Array;
  /** [stored, patch · patch · C] */
  readonly details: Float32Array;
}

/** The state that `fitPatches` made, opened. */
export function patchStore(state: TensorValues): PatchStore {
  const floats = (name: string): Float32Array => state[name]!.data as Float32Array;
  return {
    search: treeSearch({
      points: floats('points'),
      width: state['points']!.shape[1]!,
      axes: state['tree.axes']!.data as Int32Array,
      values: floats('tree.values'),
    }),
    axes: floats('axes'),
    details: floats('details'),
  };
}

export interface BandTask {
  readonly options: PatchOptions;
  readonly layout: PatchLayout;
  readonly store: PatchStore;
  /** The enlarged images [B, H, W, C]. */
  readonly low: TensorValue;
  /** Which of the nearest patches is taken, [B, rows, columns, 1] on [−1, 1); without it the nearest. */
  readonly noise: TensorValue | undefined;
  readonly work: WorkContext | undefined;
}

/** Time between two looks at messages, in ms. */
const BREATHE_EVERY = 50;

/** Bands [B, H, W, C] put together from stored details. */
export async function drawBands(task: BandTask): Promise<TensorValue> {
  const { low, work } = task;
  const batch = low.shape[0]!;
  const band = new Float32Array(low.data.length);
  const per = band.length / batch;
  let breathed = performance.now();
  for (let image = 0; image < batch; image += 1) {
    work?.signal.throwIfAborted();
    drawBand(task, image, band.subarray(image * per, (image + 1) * per));
    work?.report({ done: image + 1, total: batch });
    if (performance.now() - breathed < BREATHE_EVERY) continue;
    await new Promise((resolve) => {
      setTimeout(resolve, 0);
    });
    breathed = performance.now();
  }
  return { dtype: 'float32', shape: low.shape, data: band };
}

/** One image's band, patch by patch in the order of reading. */
function drawBand(task: BandTask, image: number, band: Float32Array): void {
  const { options, layout, store, low, noise } = task;
  const [, height, width, channels] = low.shape as readonly [number, number, number, number];
  const { rows, columns } = layout;
  const source = { data: low.data, size: [height, width] as const, channels };
  const description = new Float32Array(descriptorLength(options, channels));
  const canvas: Canvas = { band, shares: new Float32Array(height * width), width, channels };
  let number = 0;
  for (const [row, top] of rows.entries()) {
    for (const [column, left] of columns.entries()) {
      const contrast = describePatch(source, options, image, top, left, description);
      const query = project(description, store.axes, description.length);
      const { indices } = store.search(query, options.neighbours, options.effort);
      const spot: Spot = { row, column, top, left, number, contrast };
      const apart = Array.from(indices, (index) => disagreement(canvas, task, spot, index));
      const u = (noise?.data[image * rows.length * columns.length + number] as number) ?? -1;
      const chosen = indices[choose(apart, options.agreement, (u + 1) / 2)]!;
      if (options.blend === 'seams') quilt(canvas, task, spot, chosen);
      else average(canvas, task, spot, chosen);
      number += 1;
    }
  }
}

/** A band in the making. */
interface Canvas {
  /** [H, W, C] */
  readonly band: Float32Array;
  /** How much of each pixel is placed, 0…1 [H, W]. */
  readonly shares: Float32Array;
  readonly width: number;
  readonly channels: number;
}

/** Where a patch goes. */
interface Spot {
  readonly row: number;
  readonly column: number;
  readonly top: number;
  readonly left: number;
  /** In the order of reading. */
  readonly number: number;
  /** By which details are multiplied. */
  readonly contrast: number;
}

/** Mean square of what a detail differs by from what is placed there, in units of the contrast; 0 if nothing is. */
function disagreement(
  { band, shares, width, channels }: Canvas,
  { options: { patch, agreement, neighbours }, store: { details } }: BandTask,
  { top, left, contrast }: Spot,
  index: number,
): number {
  if (agreement === 0 || neighbours === 1) return 0;
  let sum = 0;
  let count = 0;
  let at = index * patch * patch * channels;
  for (let y = 0; y < patch; y += 1) {
    for (let x = 0; x < patch; x += 1, at += channels) {
      const pixel = (top + y) * width + left + x;
      const share = shares[pixel]!;
      if (share === 0) continue;
      for (let c = 0; c < channels; c += 1) {
        const placed = band[pixel * channels + c]! / share / contrast;
        sum += (details[at + c]! - placed) ** 2;
      }
      count += channels;
    }
  }
  return count === 0 ? 0 : sum / count;
}

/**
 * Which candidate is chosen: each with a probability of exp(−agreement · disagreement), up to a factor.
 *
 * @param u uniform on [0, 1)
 */
function choose(apart: readonly number[], agreement: number, u: number): number {
  const least = Math.min(...apart);
  const odds = apart.map((value) => Math.exp(-agreement * (value - least)));
  let left = u * odds.reduce((a, b) => a + b, 0);
  for (const [index, value] of odds.entries()) {
    if (left < value) return index;
    left -= value;
  }
  return odds.length - 1;
}

/** Add a detail, weighted. */
function average(
  { band, shares, width, channels }: Canvas,
  { options: { patch }, layout: { weights }, store: { details } }: BandTask,
  { top, left, number, contrast }: Spot,
  index: number,
): void {
  let at = index * patch * patch * channels;
  let weight = number * patch * patch;
  for (let y = 0; y < patch; y += 1) {
    for (let x = 0; x < patch; x += 1) {
      const pixel = (top + y) * width + left + x;
      const share = weights[weight++]!;
      shares[pixel]! += share;
      for (let c = 0; c < channels; c += 1)
        band[pixel * channels + c]! += share * contrast * details[at++]!;
    }
  }
}

/** Put a detail on top of what is placed, up to where both differ least. */
function quilt(
  { band, shares, width, channels }: Canvas,
  { options: { patch }, layout: { rows, columns }, store: { details } }: BandTask,
  { row, column, top, left, contrast }: Spot,
  index: number,
): void {
  const placedTo = (first: readonly number[], at: number): number =>
    at === 0 ? 0 : Math.max(0, first[at - 1]! + patch - first[at]!);
  const begin = index * patch * patch * channels;
  const pixelAt = (i: number): number => (top + Math.floor(i / patch)) * width + left + (i % patch);
  const differences = new Float64Array(patch * patch);
  for (let i = 0; i < patch * patch; i += 1)
    for (let c = 0; c < channels; c += 1) {
      const detail = contrast * details[begin + i * channels + c]!;
      differences[i]! += (detail - band[pixelAt(i) * channels + c]!) ** 2;
    }
  const taken = cutSeams(differences, patch, placedTo(columns, column), placedTo(rows, row));
  for (let i = 0; i < patch * patch; i += 1) {
    if (taken[i] === 0) continue;
    const pixel = pixelAt(i);
    shares[pixel] = 1;
    for (let c = 0; c < channels; c += 1)
      band[pixel * channels + c] = contrast * details[begin + i * channels + c]!;
  }
}
