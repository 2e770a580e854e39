import { type LevelStatus, runStatus } from '@lapyra/runtime';
import pc from 'picocolors';
import { EXIT } from '../exit-codes.js';
import { printJson } from '../terminal/print-json.js';
import { short } from '../terminal/quantity.js';
import { table } from '../terminal/table.js';

/** `lapyra status`: how far each level of a run is. */
export async function status(
  run: string | undefined,
  options: { readonly json?: boolean },
): Promise<number> {
  const found = await runStatus(process.cwd(), run);
  if (options.json) {
    printJson(found);
    return EXIT.ok;
  }
  const isMixed = found.levels.some(({ origin }) => origin);
  const rows = found.levels.map((level) => [
    pc.bold(level.name),
    COLOURS[level.state](
      level.waitsFor.length > 0 ? `waits for ${level.waitsFor.join(', ')}` : level.state,
    ),
    `${level.step}/${level.steps}`,
    level.best ? `${short(level.best.value)} at ${level.best.step}` : '',
    compared(level),
    level.retries > 0 ? String(level.retries) : '',
    ...(isMixed ? [level.origin?.from ?? ''] : []),
  ]);
  const heading = [
    'level',
    'state',
    'step',
    'best score',
    'compared with',
    'retries',
    ...(isMixed ? ['taken from'] : []),
  ];
  process.stdout.write(`${found.folder}\n${table([heading, ...rows])}\n`);
  for (const line of found.levels.flatMap(({ notices }) => notices))
    process.stdout.write(`${line}\n`);
  return EXIT.ok;
}

const COLOURS: Readonly<Record<LevelStatus['state'], (text: string) => string>> = {
  new: pc.dim,
  training: pc.cyan,
  stopped: pc.yellow,
  done: pc.green,
  damaged: pc.red,
};

function compared({ baselines }: LevelStatus): string {
  if (!baselines) return '';
  const { untrained, upsampled, real } = baselines;
  const parts = { untrained, upsampled, real };
  return Object.entries(parts)
    .flatMap(([name, value]) => (value === null ? [] : [`${name} ${short(value)}`]))
    .join(', ');
}
