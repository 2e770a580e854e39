import { defineConfig, type Options } from 'tsup';

/** The build of one library package: ESM only; declarations come from tsc. */
export function library(overrides: Options = {}): ReturnType<typeof defineConfig> {
  return defineConfig({
    entry: ['src/index.ts'],
    format: ['esm'],
    target: 'node20',
    platform: 'node',
    sourcemap: true,
    clean: true,
    treeshake: false,
    splitting: true,
    ...overrides,
  });
}
