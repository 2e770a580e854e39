import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

/** Bundle a script of this folder, with the workspace's sources, into a file that plain Node runs; returns its path. */
export async function bundleChild(script: string): Promise<string> {
  const outDir = await mkdtemp(join(tmpdir(), 'lapyra-child-'));
  await build({
    configFile: false,
    root: fileURLToPath(new URL('.', import.meta.url)),
    logLevel: 'error',
    resolve: { conditions: ['@lapyra/source', 'node'] },
    ssr: { noExternal: true, resolve: { conditions: ['@lapyra/source', 'node'] } },
    build: {
      ssr: fileURLToPath(new URL(script, import.meta.url)),
      outDir,
      emptyOutDir: false,
      minify: false,
      target: 'node20',
      rollupOptions: { output: { entryFileNames: 'child.mjs', format: 'esm' } },
    },
  });
  return join(outDir, 'child.mjs');
}
