// Runs tfjs-core's own specs against the backend `onnxruntime`. The last line is `N passed, N failed, N excluded`.
//
//   npm run specs -- --match concat --json results.json
//
// Excluded specs run too: one that passes, and an exclusion that fits no spec, count as failures, so that the list stays true.
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import Jasmine from 'jasmine';
import { bundle } from './bundle.mjs';
import { classify } from './classify.mjs';
import { excludedSpecs } from './excluded.mjs';
import { plainName } from './names.mjs';

const { values: flags } = parseArgs({
  options: { match: { type: 'string' }, json: { type: 'string' } },
});
const wanted = flags.match?.toLowerCase();
const results = [];

const jasmine = new Jasmine();
jasmine.exitOnCompletion = false;
jasmine.clearReporters();
jasmine.addReporter({
  specDone({ fullName, status, failedExpectations, duration }) {
    if (status !== 'passed' && status !== 'failed') return;
    const messages = failedExpectations.map(({ message }) => message);
    results.push({ name: plainName(fullName), passed: status === 'passed', messages, duration });
  },
  suiteDone({ fullName, failedExpectations }) {
    const messages = failedExpectations.map(({ message }) => message);
    if (messages.length > 0)
      results.push({ name: plainName(fullName), passed: false, messages, duration: null });
  },
});
jasmine.env.configure({
  random: false,
  forbidDuplicateNames: false,
  specFilter: ({ getFullName }) =>
    wanted === undefined || plainName(getFullName()).toLowerCase().includes(wanted),
});
jasmine.addSpecFile(await bundle());
await jasmine.execute();
report();

function report() {
  const counted = classify(results, excludedSpecs(), wanted === undefined);
  const { passed, failed, excluded } = counted;
  for (const { name, messages } of failed)
    console.log(`failed: ${name}\n  ${messages.join('\n  ')}`);
  if (flags.json !== undefined) writeFileSync(flags.json, JSON.stringify(counted, null, 1));
  console.log(`${passed.length} passed, ${failed.length} failed, ${excluded.length} excluded`);
  process.exitCode = failed.length > 0 || results.length === 0 ? 1 : 0;
}
