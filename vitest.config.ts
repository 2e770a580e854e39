import { defineConfig } from 'vitest/config';
import { common, withoutAdvert } from './vitest.base.js';

export default defineConfig({
  test: {
    ...common,
    projects: [
      'packages/*/vitest.config.ts',
      'plugins/*/vitest.config.ts',
      'apps/*/vitest.config.ts',
      'tools/*/vitest.config.ts',
    ],
    onConsoleLog: withoutAdvert,
    coverage: { provider: 'v8', include: ['{packages,plugins,apps}/*/src/**/*.ts'] },
  },
});
