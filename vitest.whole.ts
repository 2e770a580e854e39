// All tests at once, for `npm test`. Test files that may share a process are one project here, whatever package they are of,
// so that a source file is translated and loaded once, and not anew for each package that imports it.
import { BaseSequencer, type TestSpecification } from 'vitest/node';
import { defineConfig } from 'vitest/config';
import { alone, apart, common, projectIn, withoutAdvert } from './vitest.base.js';

/** What takes long comes first in its project, so that the last files are short ones and no core stands idle. */
class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const projects = [...new Set(sorted.map(({ project }) => project.name))];
    const rank = ({ project, moduleId }: TestSpecification): number =>
      2 * projects.indexOf(project.name) +
      (/(conformance|miniature)\.test\.ts$/.test(moduleId) ? 0 : 1);
    return sorted.toSorted((a, b) => rank(a) - rank(b));
  }
}

const tests = (folders: readonly string[]): string[] =>
  folders.map((folder) => `${folder}/{src,test}/**/*.test.ts`);
/** Those of {@link apart} that are no tools. */
const libraries = apart.filter((folder) => !folder.startsWith('tools/'));

export default defineConfig({
  test: {
    ...common,
    projects: [
      // Projects run in the order of their names, that of many short files at the end.
      projectIn(import.meta.dirname, { name: 'alone', isolate: true, include: [...alone] }),
      projectIn(import.meta.dirname, {
        name: 'engines',
        include: tests(libraries),
        exclude: [...alone],
      }),
      projectIn(import.meta.dirname, {
        name: 'units',
        include: tests(['packages/*', 'plugins/*']),
        exclude: tests(libraries),
      }),
      'apps/*/vitest.config.ts',
      'tools/*/vitest.config.ts',
    ],
    sequence: { sequencer: LongFirst },
    onConsoleLog: withoutAdvert,
  },
});
