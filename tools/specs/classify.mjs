/**
 * What results of specs come to, given which specs are known to fail.
 *
 * A failing spec on the list is excluded. One on the list that passes has failed, and so has, if all specs ran, an entry that fits none: the list
 * stays true.
 *
 * @param results  `{ name, passed, messages }` of each spec that ran
 * @param reasons  reason by name of the specs that are known to fail
 * @param all      whether all specs ran
 * @returns {Record<'passed' | 'failed' | 'excluded', { name: string, messages: string[] }[]>}
 */
export function classify(results, reasons, all) {
  /** @type {Record<'passed' | 'failed' | 'excluded', { name: string, messages: string[] }[]>} */
  const counted = { passed: [], failed: [], excluded: [] };
  for (const result of results) {
    const reason = reasons.get(result.name);
    if (reason === undefined) counted[result.passed ? 'passed' : 'failed'].push(result);
    else if (result.passed)
      counted.failed.push({ ...result, messages: [`It passes, but is excluded: ${reason}`] });
    else counted.excluded.push({ ...result, reason });
  }
  const ran = new Set(results.map(({ name }) => name));
  for (const [name, reason] of all ? reasons : []) {
    if (ran.has(name)) continue;
    counted.failed.push({
      name,
      messages: [`No spec has this name, but it is excluded: ${reason}`],
    });
  }
  return counted;
}
