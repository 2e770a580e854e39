import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../scripts/run.mjs';
import { evidenceDocument } from './document.mjs';
import { findRows } from './find-rows.mjs';

const FOLDER = join(root, 'docs/evidence');
const RESULTS = join(FOLDER, 'results.json');
const DOCUMENT = join(root, 'docs/evidence.md');

/** The results that are stored, by row; each as `runRow` returned it. */
export function readResults() {
  return existsSync(RESULTS) ? JSON.parse(readFileSync(RESULTS, 'utf8')) : {};
}

/** Put new results in the place of older ones, forget rows that are gone, and write the document anew. */
export async function saveResults(fresh) {
  mkdirSync(FOLDER, { recursive: true });
  const rows = await findRows();
  const all = { ...readResults(), ...fresh };
  const kept = Object.fromEntries(
    rows.flatMap(({ name }) => (all[name] ? [[name, all[name]]] : [])),
  );
  writeFileSync(RESULTS, `${JSON.stringify(kept, null, 2)}\n`);
  const shown = new Set(
    Object.values(kept).flatMap(({ pictures }) => pictures.map(({ file }) => file)),
  );
  for (const file of readdirSync(FOLDER))
    if (file.endsWith('.png') && !shown.has(file)) rmSync(join(FOLDER, file));
  writeFileSync(DOCUMENT, await evidenceDocument(kept, rows));
}
