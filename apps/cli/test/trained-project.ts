// A project with a run that is trained whole, for tests that only look at one: it is trained once for all of them.
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { inject } from 'vitest';
import { createTestProject, type TestProject } from './test-project.js';
import { trainedConfig } from './tiny-config.js';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Folder of the project in which `trainOnce` has trained {@link trainedConfig}. */
    readonly trained: string;
  }
}

/**
 * Make a test project with {@link trainedConfig} and its run, `tiny`.
 *
 * @param dependencies more packages that the project depends on
 */
export function createTrainedProject(dependencies: readonly string[] = []): TestProject {
  const project = createTestProject(dependencies);
  for (const folder of ['cache', 'runs'])
    cpSync(join(inject('trained'), folder), project.path(folder), { recursive: true });
  project.configure(trainedConfig());
  return project;
}
