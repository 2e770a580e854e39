/**
 * The candidate that `word` was probably meant to be, for "did you mean": the one that the fewest single-letter changes,
 * insertions, deletions and swaps of neighbours lead to, upper and lower case alike; the first of equals. Undefined if
 * that takes more than a third of the longer word's letters (one change is always allowed, if a letter stays).
 */
export function nearestName(word: string, candidates: Iterable<string>): string | undefined {
  let nearest: string | undefined;
  let fewest = Infinity;
  for (const candidate of candidates) {
    const longer = Math.max(word.length, candidate.length);
    const changes = distance(word.toLowerCase(), candidate.toLowerCase());
    const allowed = Math.max(1, Math.floor(longer / 3));
    if (changes <= allowed && changes < longer && changes < fewest) {
      nearest = candidate;
      fewest = changes;
    }
  }
  return nearest;
}

/** Optimal string alignment distance. */
function distance(a: string, b: string): number {
  let before: number[] = [];
  let above = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const same = a[i - 1] === b[j - 1];
      let best = Math.min(
        (above[j - 1] as number) + (same ? 0 : 1),
        (above[j] as number) + 1,
        (row[j - 1] as number) + 1,
      );
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (swapped) best = Math.min(best, (before[j - 2] as number) + 1);
      row.push(best);
    }
    before = above;
    above = row;
  }
  return above[b.length] as number;
}
