import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const here = dirname(fileURLToPath(import.meta.url));

/** tfjs-core's test harness only reads a constant of jasmine's core, of which the runner brings its own. */
const withoutJasmineCore = {
  name: 'without-jasmine-core',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^jasmine-core\// }, ({ path }) => ({ path, namespace: 'stub' }));
    onLoad({ filter: /.*/, namespace: 'stub' }, () => ({
      contents: 'module.exports = { core: () => ({}) };',
    }));
  },
};

/**
 * Bundle tfjs-core's specs with the backend under test: one copy of tfjs-core, and the sources of this repository.
 *
 * @returns the bundle's path
 */
export async function bundle() {
  const outfile = join(here, '../../.cache/specs/specs.cjs');
  mkdirSync(dirname(outfile), { recursive: true });
  await build({
    stdin: {
      contents: "import './set-up.mjs';\nimport '@tensorflow/tfjs-core/dist/tests.js';\n",
      resolveDir: here,
    },
    outfile,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    // The ES modules: with "main" there would be two copies of tfjs-core.
    mainFields: ['module', 'main'],
    conditions: ['@lapyra/source'],
    // tfjs-core declares its test files free of side effects, and they are nothing else.
    ignoreAnnotations: true,
    external: ['onnxruntime-node'],
    plugins: [withoutJasmineCore],
    logLevel: 'error',
  });
  return outfile;
}
