import type { PyramidConfig } from '@lapyra/core';

/**
 * The config it is given, typed: the default export of `lapyra.config.ts`.
 *
 * ```ts
 * export default defineConfig({
 *   data: { from: cifar10(), crop: 28 },
 *   transform: boxBilinear(),
 *   levels: [{ size: 8, steps: 6800, model: dense() }, { size: 28, steps: 1000, model: refine() }],
 * });
 * ```
 */
export function defineConfig(config: PyramidConfig): PyramidConfig {
  return config;
}
