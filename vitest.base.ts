import { basename, dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defaultServerConditions } from 'vite';
import { defineProject, type UserWorkspaceConfig } from 'vitest/config';

/** Settings that hold for a run of one package and for a run of all. Native addons want processes, not threads. */
export const common = {
  pool: 'forks',
  maxWorkers: 2,
  restoreMocks: true,
  unstubEnvs: true,
  testTimeout: 30_000,
  hookTimeout: 30_000,
} as const;

/** The test project of one package: workspace packages resolve to their sources. */
export function project(url: string, test: UserWorkspaceConfig['test'] = {}): UserWorkspaceConfig {
  const root = dirname(fileURLToPath(url));
  const conditions = ['@lapyra/source', ...defaultServerConditions];
  return defineProject({
    root,
    resolve: { conditions },
    ssr: { resolve: { conditions, externalConditions: conditions } },
    test: {
      ...common,
      name: basename(root),
      environment: 'node',
      include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
      ...test,
    },
  });
}
