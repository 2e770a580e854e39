import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../scripts/run.mjs';
import { createContext } from './context.mjs';
import { describeMachine } from './machine.mjs';

/**
 * Run one row: what it returns, with the time that it took, the machine and the command.
 *
 * @param part below 1: fewer steps, for a trial
 * @param keep leave the row's runs where they are, and use those of a trial before
 */
export async function runRow(row, { part, keep }) {
  const folder = join(root, '.cache/evidence', row.name);
  if (!keep) rmSync(folder, { recursive: true, force: true });
  const context = await createContext(row, { folder, part, isTrial: part < 1 || keep });
  const started = performance.now();
  try {
    const { trained, steps, figures, notes = [] } = await row.run(context);
    return {
      plugin: row.plugin,
      title: row.title,
      trained,
      steps,
      seconds: Math.round((performance.now() - started) / 1000),
      budgetSeconds: row.budgetSeconds,
      figures: figures.map(checkFigure),
      pictures: context.pictures,
      notes,
      command: `npm run evidence -- --row ${row.name}`,
      machine: describeMachine(),
    };
  } finally {
    await context.dispose();
    if (!keep) rmSync(join(folder, 'project'), { recursive: true, force: true });
  }
}

/** `asked` is what the figure must reach: at least, or with `better: 'lower'` at most. */
function checkFigure({ name, value, unit = '', asked = null, better = 'higher' }) {
  if (!Number.isFinite(value))
    throw new Error(`figure '${name}': expected a number, got ${value}.`);
  return { name, value: Number(value.toPrecision(4)), unit, asked, better };
}
