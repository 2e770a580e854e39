import { randomStream } from '@lapyra/core';
import { describe, expect, it } from 'vitest';
import { buildTree, type SearchTree, treeSearch } from './search-tree.js';

const WIDTH = 6;

/** Points of very different spread along the axes, some of them equal. */
function cloud(n: number, seed: number): Float32Array {
  const numbers = randomStream('cloud', seed).normal(n * WIDTH);
  return numbers.map((value, i) => {
    const axis = i % WIDTH;
    const point = Math.floor(i / WIDTH);
    return point % 10 === 9 ? axis : value * (WIDTH - axis);
  });
}

function treeOf(points: Float32Array): SearchTree {
  const { order, axes, values } = buildTree(points, WIDTH);
  expect(Array.from(order).toSorted((a, b) => a - b)).toEqual(Array.from(order.keys()));
  const moved = new Float32Array(points.length);
  order.forEach((from, to) =>
    moved.set(points.subarray(from * WIDTH, (from + 1) * WIDTH), to * WIDTH),
  );
  return { points: moved, width: WIDTH, axes, values };
}

/** Every distance, sorted: of equal ones the first point first. */
function bruteForce(points: Float32Array, query: Float32Array, k: number): [number, number][] {
  const all = Array.from({ length: points.length / WIDTH }, (_, point): [number, number] => {
    let sum = 0;
    for (let i = 0; i < WIDTH; i += 1) sum += (query[i]! - points[point * WIDTH + i]!) ** 2;
    return [point, sum];
  });
  return all.toSorted((a, b) => a[1] - b[1] || a[0] - b[0]).slice(0, k);
}

describe('treeSearch', () => {
  it.each([1, 5, 16, 17, 33, 100, 1000, 4097])(
    'finds of %d points the nearest, as looking at every one does',
    (n) => {
      const tree = treeOf(cloud(n, n));
      const search = treeSearch(tree);
      for (const query of [...Array(20).keys()]) {
        const at = cloud(1, 100 + query);
        const { indices, distances } = search(at, 7, null);
        const expected = bruteForce(tree.points, at, 7);
        expect([...indices]).toEqual(expected.map(([point]) => point));
        expect([...distances]).toEqual(expected.map(([, distance]) => distance));
      }
    },
  );

  it('finds a stored point at distance 0, and the first of equal ones', () => {
    const tree = treeOf(cloud(500, 3));
    const search = treeSearch(tree);
    const query = tree.points.slice(40 * WIDTH, 41 * WIDTH);
    expect(search(query, 1, null).distances[0]).toBe(0);
    const twin = Float32Array.from({ length: WIDTH }, (_, axis) => axis);
    const { indices, distances } = search(twin, 50, null);
    expect([...distances]).toEqual(Array.from({ length: 50 }, () => 0));
    expect([...indices]).toEqual([...indices].toSorted((a, b) => a - b));
  });

  it('with little effort finds near points, the nearer the more it may compare', () => {
    const tree = treeOf(cloud(20_000, 4));
    const search = treeSearch(tree);
    const mean = (effort: number | null): number => {
      let sum = 0;
      for (let query = 0; query < 100; query += 1)
        sum += search(cloud(1, 1000 + query), 3, effort).distances[0]! / 100;
      return sum;
    };
    const [little, more, exact] = [mean(40), mean(400), mean(null)];
    expect(exact).toBeLessThanOrEqual(more);
    expect(more).toBeLessThan(little);
    expect(more).toBeLessThan(1.3 * exact);
  });
});
