// Closes a run of the tests with one plain line, 'N passed, N failed, N skipped', and writes the counts to $LAPYRA_TALLY.
import { writeFileSync } from 'node:fs';

export default class TallyReporter {
  onTestRunEnd(modules, errors) {
    const count = { passed: 0, failed: errors.length, skipped: 0 };
    for (const module of modules) {
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        if (state in count) count[state] += 1;
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
