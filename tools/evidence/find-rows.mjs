import { readdirSync } from 'node:fs';

/** Minutes that a row may take on two cores, in seconds. */
export const BUDGET = 240;

const folder = new URL('rows/', import.meta.url);

/** All rows, by name: `rows/NAME.mjs` has the row NAME. */
export async function findRows() {
  const files = readdirSync(folder).filter((file) => file.endsWith('.mjs'));
  return Promise.all(
    files.toSorted().map(async (file) => {
      const { row } = await import(new URL(file, folder));
      return { name: file.slice(0, -'.mjs'.length), budgetSeconds: BUDGET, ...row };
    }),
  );
}
