/**
 * Run `work` on a few items at a time and give the results in the order of the items. No more than `limit` results
 * exist at once: a slow reader holds the work back.
 */
export async function* mapInOrder<Item, Result>(
  items: readonly Item[],
  limit: number,
  work: (item: Item) => Promise<Result>,
): AsyncGenerator<Result> {
  const running: Promise<Result>[] = [];
  let next = 0;
  try {
    while (next < items.length || running.length > 0) {
      while (running.length < limit && next < items.length) {
        const item = items[next++] as Item;
        const result = work(item);
        result.catch(() => undefined); // its turn comes below; until then it must not count as unhandled
        running.push(result);
      }
      yield await (running.shift() as Promise<Result>);
    }
  } finally {
    // When one fails or the reader leaves, nothing goes on behind their backs.
    await Promise.allSettled(running);
  }
}
