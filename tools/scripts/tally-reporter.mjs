// Closes a run of the tests with one plain line, 'N passed, N failed, N skipped', and writes the counts to $LAPYRA_TALLY.
import { writeFileSync } from 'node:fs';

export default class TallyReporter {
  /**
   * Which tests were skipped is listed. With `LAPYRA_SKIP=refused` those count as failed that were skipped since a program
   * or a library is missing; those that gave a reason of their own while they ran do not.
   */
  onTestRunEnd(modules, errors) {
    const refused = process.env.LAPYRA_SKIP === 'refused';
    const count = { passed: 0, failed: errors.length, skipped: 0 };
    for (const module of modules) {
      for (const test of module.children.allTests()) {
        const { state, note } = test.result();
        if (state === 'skipped') {
          const failed = refused && note === undefined;
          count[failed ? 'failed' : 'skipped'] += 1;
          const what = failed ? 'failed, since it was skipped' : 'skipped';
          process.stdout.write(`${what}: ${test.fullName}${note ? ` (${note})` : ''}\n`);
        } else if (state in count) count[state] += 1;
      }
      if (module.errors().length > 0) count.failed += 1;
    }
    const file = process.env.LAPYRA_TALLY;
    if (file !== undefined) writeFileSync(file, JSON.stringify(count));
    process.stdout.write(
      `${count.passed} passed, ${count.failed} failed, ${count.skipped} skipped\n`,
    );
  }
}
