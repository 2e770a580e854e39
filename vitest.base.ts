import { basename, dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defaultServerConditions } from 'vite';
import { defineProject, type UserWorkspaceConfig } from 'vitest/config';

/** The test project of one package: workspace packages resolve to their sources. */
export function project(url: string, test: UserWorkspaceConfig['test'] = {}): UserWorkspaceConfig {
  const root = dirname(fileURLToPath(url));
  const conditions = ['@lapyra/source', ...defaultServerConditions];
  return defineProject({
    root,
    resolve: { conditions },
    ssr: { resolve: { conditions, externalConditions: conditions } },
    test: {
      name: basename(root),
      environment: 'node',
      include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
      ...test,
    },
  });
}
