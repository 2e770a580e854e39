// What each plugin does on real images, as the table of docs/evidence.md. Each row trains for minutes and measures what it
// trained; a row that succeeds replaces its older self in docs/evidence/results.json.
//
//   npm run evidence [-- --row NAME]… [--json FILE] [--list] [--shorten PART] [--keep] [--document]
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { install, run } from '../scripts/run.mjs';

const { values } = parseArgs({
  options: {
    row: { type: 'string', multiple: true },
    json: { type: 'string' },
    list: { type: 'boolean' },
    shorten: { type: 'string', default: '1' },
    keep: { type: 'boolean' },
    document: { type: 'boolean' },
  },
});
const part = Number(values.shorten);
if (!(part > 0 && part <= 1))
  fail(`--shorten: expected a number in (0, 1], got ${values.shorten}.`);

if (!install()) fail('npm ci failed: nothing was measured.');
// Rows run what users run, builds and processes included.
if (!run('nx', ['run-many', '-t', 'build'])) fail('The packages do not build.');

// These import packages, which are there only now.
const { findRows } = await import('./find-rows.mjs');
const { runRow } = await import('./run-row.mjs');
const { saveResults } = await import('./results.mjs');
const { isReached, summary } = await import('./document.mjs');

const rows = await findRows();
const unknown = (values.row ?? []).filter((name) => !rows.some((row) => row.name === name));
if (unknown.length > 0)
  fail(`--row: expected ${rows.map(({ name }) => name).join(', ')}, got ${unknown.join(', ')}.`);
const wanted = rows.filter(({ name }) => !values.row || values.row.includes(name));

if (values.document) {
  await saveResults({});
  console.log('docs/evidence.md: written from docs/evidence/results.json');
} else if (values.list) {
  for (const { name, plugin, title } of wanted) console.log(`${name}\t${plugin}\t${title}`);
} else {
  const whole = part === 1 && !values.keep;
  const results = {};
  const failures = [];
  for (const row of wanted) {
    try {
      const result = await runRow(row, { part, keep: values.keep ?? false });
      results[row.name] = result;
      if (whole) await saveResults({ [row.name]: result }); // at once: the next row may be broken off
      console.log(`\n${summary(row.name, result)}\n`);
    } catch (error) {
      failures.push(row.name);
      console.error(`\n${row.name}: ${error.stack ?? error}\n`);
    }
  }
  if (values.json) writeFileSync(values.json, `${JSON.stringify(results, null, 2)}\n`);
  console.log(
    whole
      ? 'docs/evidence.md: written'
      : 'a trial: docs/evidence.md stays as it is, pictures are in .cache/evidence',
  );
  if (failures.length > 0) fail(`These rows failed: ${failures.join(', ')}.`);
  const short = Object.entries(results).filter(([, { figures }]) => !figures.every(isReached));
  // A trial is too short to reach anything.
  if (whole && short.length > 0)
    fail(`These rows did not reach what is asked: ${short.map(([name]) => name).join(', ')}.`);
}

function fail(message) {
  console.error(message);
  process.exit(1);
}
