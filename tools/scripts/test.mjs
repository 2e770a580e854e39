// `npm test`: installs if needed, then checks the lock, lints, looks for what is unused or undeclared, type-checks and runs
// every test; the tally comes last.
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { install, root, run, runAside } from './run.mjs';

const tallyFile = process.env.LAPYRA_TALLY ?? join(root, '.cache/tally.json');
mkdirSync(dirname(tallyFile), { recursive: true });
rmSync(tallyFile, { force: true });

if (!install()) {
  console.error('npm ci failed: nothing was tested.');
  process.exit(1);
}
// The checks, in two rows that run side by side; then the tests, which keep both cores busy themselves.
const checks = [
  [
    'node tools/scripts/lock.mjs',
    'prettier --check --log-level warn --cache --cache-strategy content --cache-location .cache/prettier .',
  ],
  [
    'tsc -p tsconfig.json',
    'tsc -p tsconfig.packages.json',
    'oxlint -c .oxlintrc.json .',
    'knip --no-config-hints',
  ],
];
const tests =
  'vitest run -c vitest.whole.ts --reporter=default --reporter=./tools/scripts/tally-reporter.mjs';
const failedSteps = (await Promise.all(checks.map(runAside))).flat();
const [command, ...args] = tests.split(' ');
if (!run(command, args, { env: { LAPYRA_TALLY: tallyFile } })) failedSteps.push(tests);

const tested = existsSync(tallyFile);
const tally = tested
  ? JSON.parse(readFileSync(tallyFile, 'utf8'))
  : { passed: 0, failed: 0, skipped: 0 };
for (const step of failedSteps) console.error(`failed: ${step}`);
// A failed step other than the tests counts as one failure, and so do tests that never got as far as a tally.
const others = failedSteps.filter(
  (step) => !step.startsWith('vitest') || tally.failed === 0,
).length;
tally.failed += others;
writeFileSync(tallyFile, JSON.stringify(tally));
console.log(`\n${tally.passed} passed, ${tally.failed} failed, ${tally.skipped} skipped`);
process.exitCode = failedSteps.length > 0 || tally.failed > 0 || !tested ? 1 : 0;
