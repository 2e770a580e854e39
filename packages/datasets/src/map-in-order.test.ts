import { setTimeout } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { mapInOrder } from './map-in-order.js';

describe('mapInOrder', () => {
  it('keeps the order whatever takes longest, and never runs more than the limit', async () => {
    let running = 0;
    let most = 0;
    const work = async (item: number): Promise<number> => {
      most = Math.max(most, ++running);
      await setTimeout((7 - item) * 4);
      running--;
      return item * 10;
    };
    const results: number[] = [];
    for await (const result of mapInOrder([1, 2, 3, 4, 5, 6], 3, work)) results.push(result);
    expect(results).toEqual([10, 20, 30, 40, 50, 60]);
    expect(most).toBe(3);
  });

  it('does not run ahead of a slow reader', async () => {
    let started = 0;
    const work = async (item: number): Promise<number> => {
      started++;
      return item;
    };
    const results = mapInOrder(
      Array.from({ length: 100 }, (_, i) => i),
      4,
      work,
    );
    await results.next();
    await setTimeout(20);
    expect(started).toBe(4);
    await results.return(undefined);
    expect(started).toBe(4);
  });

  it('fails with the first fault in order, after what runs has ended', async () => {
    let ended = 0;
    const work = async (item: number): Promise<number> => {
      await setTimeout(item === 1 ? 30 : 1);
      ended++;
      if (item > 0) throw new Error(`fault ${item}`);
      return item;
    };
    const read = async (): Promise<void> => {
      for await (const result of mapInOrder([0, 1, 2], 3, work)) expect(result).toBe(0);
    };
    await expect(read()).rejects.toThrow('fault 1');
    expect(ended).toBe(3);
  });
});
