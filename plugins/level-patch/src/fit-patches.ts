import {
  type FitContext,
  LapyraError,
  type LevelData,
  type LevelPlace,
  randomStream,
  sizeName,
  type TensorValues,
} from '@lapyra/core';
import { describePatch, descriptorLength } from './describe-patch.js';
import type { PatchOptions } from './patch-options.js';
import { principalAxes } from './principal-axes.js';
import { buildTree } from './search-tree.js';

/** Images read at once. */
const BATCH = 64;
/** Patches from each image, at least: more would be of fewer images. */
const FROM_EACH = 16;
/** Descriptions that the principal axes are measured on. */
const MEASURED = 8192;

/**
 * Collect patches of training images: `points` [n, components], by which they are found; `details` [n, patch · patch · C],
 * parts of bands divided by the contrast of the enlarged image there; and what it takes to search: `axes`
 * [components, description], `tree.axes` and `tree.values`.
 */
export async function fitPatches(
  options: PatchOptions,
  { size, channels }: LevelPlace,
  data: LevelData,
  context: FitContext,
): Promise<TensorValues> {
  const { patch, components } = options;
  const [height, width] = size;
  const positions = (height - patch + 1) * (width - patch + 1);
  const wanted = Math.min(options.stored, data.count * positions);
  const each = Math.min(positions, Math.max(FROM_EACH, Math.ceil(wanted / data.count)));
  const images = Math.ceil(wanted / each);
  const length = descriptorLength(options, channels);
  const detail = patch * patch * channels;
  const descriptors = new Float32Array(wanted * length);
  const details = new Float32Array(wanted * detail);
  const chosen = sample(data.count, images, context.seed, 'images');
  let kept = 0;
  for (let first = 0; first < images; first += BATCH) {
    context.signal.throwIfAborted();
    const some = chosen.subarray(first, first + BATCH);
    const { low, band } = await data.read([...some], ['low', 'band']);
    const source = { data: low!.data, size, channels };
    some.forEach((number, image) => {
      for (const position of sample(positions, each, context.seed, 'patches', number)) {
        if (kept === wanted) return;
        const top = Math.floor(position / (width - patch + 1));
        const left = position % (width - patch + 1);
        const into = descriptors.subarray(kept * length, (kept + 1) * length);
        const contrast = describePatch(source, options, image, top, left, into);
        let at = kept * detail;
        for (let y = 0; y < patch; y += 1) {
          const from = ((image * height + top + y) * width + left) * channels;
          for (let i = 0; i < patch * channels; i += 1)
            details[at++] = (band!.data[from + i] as number) / contrast;
        }
        kept += 1;
      }
    });
    context.report({ done: kept, total: wanted, note: 'collecting patches' });
    await breathe();
  }
  if (!descriptors.every(Number.isFinite) || !details.every(Number.isFinite)) {
    throw new LapyraError(
      'LAPYRA_LEVEL_TRAINING',
      `patches at ${sizeName(size)}: expected images of finite numbers, got others.`,
    );
  }
  context.report({ done: kept, total: wanted, note: 'finding principal axes' });
  await breathe();
  const kinds = Math.min(components, length);
  const measured = everyNth(descriptors, length, Math.ceil(wanted / MEASURED));
  const axes = principalAxes(measured, length, kinds);
  context.signal.throwIfAborted();
  const points = project(descriptors, axes, length);
  context.report({ done: kept, total: wanted, note: 'building the search tree' });
  await breathe();
  context.signal.throwIfAborted();
  const tree = buildTree(points, kinds);
  return {
    axes: { dtype: 'float32', shape: [kinds, length], data: axes },
    points: { dtype: 'float32', shape: [wanted, kinds], data: reorder(points, tree.order, kinds) },
    details: {
      dtype: 'float32',
      shape: [wanted, detail],
      data: reorder(details, tree.order, detail),
    },
    'tree.axes': { dtype: 'int32', shape: [tree.axes.length], data: tree.axes },
    'tree.values': { dtype: 'float32', shape: [tree.values.length], data: tree.values },
  };
}

/** Coordinates of descriptions [n, length] along axes [components, length]: [n, components]. */
export function project(
  descriptors: Float32Array,
  axes: Float32Array,
  length: number,
): Float32Array {
  const count = axes.length / length;
  const n = descriptors.length / length;
  const points = new Float32Array(n * count);
  for (let v = 0; v < n; v += 1) {
    for (let axis = 0; axis < count; axis += 1) {
      let sum = 0;
      const row = axis * length;
      const from = v * length;
      for (let i = 0; i < length; i += 1) sum += axes[row + i]! * descriptors[from + i]!;
      points[v * count + axis] = sum;
    }
  }
  return points;
}

/** `count` different numbers below `below`, ascending, each set as probable as the others (Floyd's method). */
function sample(below: number, count: number, ...key: readonly (string | number)[]): Int32Array {
  if (count === below) return Int32Array.from({ length: below }, (_, i) => i);
  const stream = randomStream(...key);
  const chosen = new Set<number>();
  for (let most = below - count; most < below; most += 1) {
    const drawn = stream.integers(1, most + 1)[0]!;
    chosen.add(chosen.has(drawn) ? most : drawn);
  }
  return Int32Array.from(chosen).sort();
}

function everyNth(rows: Float32Array, length: number, n: number): Float32Array {
  if (n === 1) return rows;
  const count = Math.ceil(rows.length / length / n);
  const some = new Float32Array(count * length);
  for (let i = 0; i < count; i += 1)
    some.set(rows.subarray(i * n * length, (i * n + 1) * length), i * length);
  return some;
}

function reorder(rows: Float32Array, order: Int32Array, length: number): Float32Array {
  const moved = new Float32Array(rows.length);
  order.forEach((from, to) =>
    moved.set(rows.subarray(from * length, (from + 1) * length), to * length),
  );
  return moved;
}

/** Lets messages in: work on the host blocks the event loop. */
function breathe(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, 0);
  });
}
