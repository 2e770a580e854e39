// A k-d tree: J. L. Bentley, "Multidimensional binary search trees used for associative searching", Communications of the
// ACM 18 (1975), 509–517. Halves are of equal size, so that the shape of the tree follows from the number of points alone.

/** Points are compared one by one where so few are left. */
const LEAF = 16;

export interface TreeSplits {
  /** Points in the order of the tree: `order[i]` is where point i stood before. */
  readonly order: Int32Array;
  /** Of each inner node, in the order of a heap: the axis that parts its points, and where. */
  readonly axes: Int32Array;
  readonly values: Float32Array;
}

/** @param points [n, width] row-major */
export function buildTree(points: Float32Array, width: number): TreeSplits {
  const n = points.length / width;
  const order = Int32Array.from({ length: n }, (_, i) => i);
  const nodes = 2 ** depth(n) - 1;
  const axes = new Int32Array(nodes);
  const values = new Float32Array(nodes);
  const split = (node: number, begin: number, end: number): void => {
    if (end - begin <= LEAF) return;
    const axis = widestAxis(points, width, order, begin, end);
    const middle = (begin + end) >> 1;
    select(points, width, order, begin, end, middle, axis);
    axes[node] = axis;
    values[node] = points[order[middle]! * width + axis]!;
    split(2 * node + 1, begin, middle);
    split(2 * node + 2, middle, end);
  };
  split(0, 0, n);
  return { order, axes, values };
}

export interface SearchTree {
  /** [n, width], in the order of the tree. */
  readonly points: Float32Array;
  readonly width: number;
  readonly axes: Int32Array;
  readonly values: Float32Array;
}

/** The nearest points to a query, nearest first; of equal distances the one that comes first in the tree. */
export interface Nearest {
  readonly indices: Int32Array;
  /** Squared. */
  readonly distances: Float64Array;
}

/**
 * Finds the `k` nearest points to a query [width] by looking at the boxes of the tree in the order of their distance (J. S.
 * Beis, D. G. Lowe: "Shape indexing using approximate nearest-neighbour search in high-dimensional spaces", CVPR 1997).
 *
 * @param effort points to compare with at least, then it stops with the best so far; `null`: it stops when no other point can be
 * nearer, and is exact
 */
export type Search = (query: Float32Array, k: number, effort: number | null) => Nearest;

/** Searches of a tree, one after another. */
export function treeSearch({ points, width, axes, values }: SearchTree): Search {
  const n = points.length / width;
  const boxes = boxHeap(axes.length + 1, width);
  const outside = new Float64Array(width);
  return (query, k, effort) => {
    const best = nearestList(Math.min(k, n));
    const last = best.distances.length - 1;
    boxes.clear();
    outside.fill(0);
    let box: Box | undefined = { node: 0, begin: 0, end: n, away: 0 };
    let compared = 0;
    while (box && box.away <= best.distances[last]!) {
      let { node, begin, end } = box;
      const { away } = box;
      // Down to the leaf on whose side of each split the query lies; what lies beyond a split waits.
      while (end - begin > LEAF) {
        const axis = axes[node]!;
        const middle = (begin + end) >> 1;
        const across = query[axis]! - values[node]!;
        const before = outside[axis]!;
        const further = away - before * before + across * across;
        const lower = across < 0;
        outside[axis] = across;
        if (lower) boxes.push(2 * node + 2, middle, end, further, outside);
        else boxes.push(2 * node + 1, begin, middle, further, outside);
        outside[axis] = before;
        node = 2 * node + (lower ? 1 : 2);
        if (lower) end = middle;
        else begin = middle;
      }
      for (let point = begin; point < end; point += 1) {
        const distance = distanceTo(points, point * width, query, best.distances[last]!);
        best.add(point, distance);
      }
      compared += end - begin;
      if (effort !== null && compared >= effort && best.distances[last]! < Infinity) break;
      box = boxes.pop(outside);
    }
    return { indices: best.indices, distances: best.distances };
  };
}

/** Squared; not finished, and too large, if it is larger than `worst`. */
function distanceTo(
  points: Float32Array,
  start: number,
  query: Float32Array,
  worst: number,
): number {
  let distance = 0;
  for (let i = 0; i < query.length; i += 1) {
    const difference = query[i]! - points[start + i]!;
    distance += difference * difference;
    if (distance > worst) break; // the first axes differ most
  }
  return distance;
}

/** The `k` nearest of the points that were added. */
function nearestList(k: number): Nearest & { add(point: number, distance: number): void } {
  const indices = new Int32Array(k).fill(0x7fff_ffff);
  const distances = new Float64Array(k).fill(Infinity);
  const isBefore = (point: number, distance: number, at: number): boolean =>
    distance < distances[at]! || (distance === distances[at] && point < indices[at]!);
  return {
    indices,
    distances,
    add: (point, distance) => {
      let at = k - 1;
      if (!isBefore(point, distance, at)) return;
      while (at > 0 && isBefore(point, distance, at - 1)) {
        distances[at] = distances[at - 1]!;
        indices[at] = indices[at - 1]!;
        at -= 1;
      }
      distances[at] = distance;
      indices[at] = point;
    },
  };
}

interface Box {
  readonly node: number;
  readonly begin: number;
  readonly end: number;
  /** Squared distance of the query. */
  readonly away: number;
}

/** Boxes that wait, the nearest first: a binary heap, each with how far the query lies outside of it along each axis. */
function boxHeap(
  most: number,
  width: number,
): {
  clear(): void;
  push(node: number, begin: number, end: number, away: number, outside: Float64Array): void;
  /** @param into takes the box's distances along each axis */
  pop(into: Float64Array): Box | undefined;
} {
  const spots = Array.from({ length: most }, (_, i) => i); // heap of spots; those beyond `size` are free
  const aways = new Float64Array(most);
  const ranges = new Int32Array(3 * most);
  const outsides = new Float64Array(width * most);
  let size = 0;
  const swap = (a: number, b: number): void => {
    const spot = spots[a]!;
    spots[a] = spots[b]!;
    spots[b] = spot;
  };
  const away = (at: number): number => aways[spots[at]!]!;
  return {
    clear: () => {
      size = 0;
    },
    push: (node, begin, end, distance, outside) => {
      const spot = spots[size]!;
      aways[spot] = distance;
      ranges[3 * spot] = node;
      ranges[3 * spot + 1] = begin;
      ranges[3 * spot + 2] = end;
      outsides.set(outside, spot * width);
      let at = size++;
      while (at > 0 && away(at) < away((at - 1) >> 1)) {
        swap(at, (at - 1) >> 1);
        at = (at - 1) >> 1;
      }
    },
    pop: (into) => {
      if (size === 0) return undefined;
      const spot = spots[0]!;
      into.set(outsides.subarray(spot * width, (spot + 1) * width));
      swap(0, --size);
      for (let at = 0; ;) {
        let least = at;
        for (const child of [2 * at + 1, 2 * at + 2])
          if (child < size && away(child) < away(least)) least = child;
        if (least === at) break;
        swap(at, least);
        at = least;
      }
      const [node, begin, end] = ranges.subarray(3 * spot, 3 * spot + 3);
      return { node: node!, begin: begin!, end: end!, away: aways[spot]! };
    },
  };
}

/** Levels of inner nodes. */
function depth(n: number): number {
  let levels = 0;
  // Of odd numbers the upper half is the larger.
  for (let most = n; most > LEAF; most = most - (most >> 1)) levels += 1;
  return levels;
}

function widestAxis(
  points: Float32Array,
  width: number,
  order: Int32Array,
  begin: number,
  end: number,
): number {
  let widest = 0;
  let most = -1;
  for (let axis = 0; axis < width; axis += 1) {
    let [low, high] = [Infinity, -Infinity];
    for (let i = begin; i < end; i += 1) {
      const value = points[order[i]! * width + axis]!;
      if (value < low) low = value;
      if (value > high) high = value;
    }
    if (high - low > most) [widest, most] = [axis, high - low];
  }
  return widest;
}

/** Put the points so that none before `middle` is larger along the axis, and none after it smaller (quickselect). */
function select(
  points: Float32Array,
  width: number,
  order: Int32Array,
  begin: number,
  end: number,
  middle: number,
  axis: number,
): void {
  const value = (i: number): number => points[order[i]! * width + axis]!;
  let [low, high] = [begin, end - 1];
  while (low < high) {
    const pivot = value((low + high) >> 1);
    let [i, j] = [low, high];
    while (i <= j) {
      while (value(i) < pivot) i += 1;
      while (value(j) > pivot) j -= 1;
      if (i > j) break;
      const swapped = order[i]!;
      order[i] = order[j]!;
      order[j] = swapped;
      i += 1;
      j -= 1;
    }
    if (middle <= j) high = j;
    else if (middle >= i) low = i;
    else return;
  }
}
