import { existsSync, readFileSync, writeFileSync } from 'node:fs';

/**
 * Put rows into a file of rows: one of the same net is replaced, others stay, in the order of `names`. A file of another
 * processor or of another Node is refused: its figures do not belong beside these.
 */
export function mergeRows(file, machine, rows, names) {
  const before = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : { rows: [] };
  if (before.rows.length > 0)
    for (const key of ['cpu', 'cores', 'node'])
      if (before[key] !== machine[key])
        throw new Error(
          `${file}: expected rows measured with ${key} ${machine[key]}, got ${before[key]}. Remove the file to begin anew.`,
        );
  const kept = before.rows.filter(({ net }) => !rows.some((row) => row.net === net));
  const place = ({ net }) => (names.includes(net) ? names.indexOf(net) : names.length);
  const all = [...kept, ...rows].toSorted((a, b) => place(a) - place(b));
  writeFileSync(file, `${JSON.stringify({ ...machine, rows: all }, null, 2)}\n`);
}
