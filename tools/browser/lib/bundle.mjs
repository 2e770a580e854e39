import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const ort = dirname(createRequire(import.meta.url).resolve('onnxruntime-web'));

/**
 * Bundle programs for a browser, each with what it imports, from the packages' sources.
 *
 * @param entries files by the name of the bundle, without its ending
 * @returns what a server needs, by path: the bundles, and ONNX Runtime's WebAssembly beside them
 */
export async function bundle(entries) {
  const { outputFiles } = await build({
    entryPoints: entries,
    absWorkingDir: root,
    outdir: '/',
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    conditions: ['@lapyra/source', 'onnxruntime-web-use-extern-wasm'],
    logLevel: 'silent',
    write: false,
  });
  return {
    ...Object.fromEntries(outputFiles.map(({ path, contents }) => [path, contents])),
    ...Object.fromEntries(
      ['', '.asyncify'].flatMap((kind) =>
        ['mjs', 'wasm'].map((ending) => {
          const name = `ort-wasm-simd-threaded${kind}.${ending}`;
          return [`/${name}`, join(ort, name)];
        }),
      ),
    ),
  };
}

/** Bundle a program for this process, from the packages' sources, and import it; the bundle is put into a folder. */
export async function bundleForNode(entry, folder) {
  const outfile = join(folder, 'program.mjs');
  await build({
    entryPoints: [entry],
    absWorkingDir: root,
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    conditions: ['@lapyra/source'],
    external: ['onnxruntime-*', '@tensorflow/*'],
    logLevel: 'silent',
  });
  return import(outfile);
}
