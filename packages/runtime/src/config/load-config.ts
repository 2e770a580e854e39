import { existsSync, rmSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { LapyraError } from '@lapyra/core';
import { clearLeftovers } from '../leftovers.js';

/** The names that are looked for, in this order. */
const CONFIG_NAMES: readonly string[] = [
  'lapyra.config.ts',
  'lapyra.config.mts',
  'lapyra.config.js',
  'lapyra.config.mjs',
  'lapyra.config.json',
];

/** A config as it was read, not yet checked. */
export interface LoadedConfig {
  readonly file: string;
  readonly value: unknown;
}

/**
 * Read a config file: TypeScript, JavaScript or JSON.
 *
 * @param file given by the user; else one of {@link CONFIG_NAMES} in `folder`
 * @throws {LapyraError} `LAPYRA_CONFIG_NOT_FOUND`, `LAPYRA_CONFIG_LOAD`
 */
export async function loadConfig(folder: string, file?: string): Promise<LoadedConfig> {
  const path = file ? resolve(folder, file) : findConfig(folder);
  if (!existsSync(path)) {
    throw new LapyraError(
      'LAPYRA_CONFIG_NOT_FOUND',
      `config: expected a file at ${path}, got none.`,
    );
  }
  try {
    const value: unknown = path.endsWith('.json')
      ? JSON.parse(await readFile(path, 'utf8'))
      : await importConfig(path);
    return { file: path, value };
  } catch (cause) {
    if (LapyraError.is(cause)) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new LapyraError('LAPYRA_CONFIG_LOAD', `${basename(path)}: could not be read: ${reason}`, {
      cause,
    });
  }
}

function findConfig(folder: string): string {
  for (const name of CONFIG_NAMES) {
    const path = join(resolve(folder), name);
    if (existsSync(path)) return path;
  }
  throw new LapyraError(
    'LAPYRA_CONFIG_NOT_FOUND',
    `config: expected ${CONFIG_NAMES[0]} in ${resolve(folder)}, got no config file.`,
    { hint: 'Make one with: lapyra init, or name one with --config FILE' },
  );
}

/**
 * Config files are bundled without their packages and imported from beside the original, so that packages resolve from
 * the project, as one copy, on any Node.
 */
async function importConfig(path: string): Promise<unknown> {
  const bundle = await bundleConfig(path);
  const copy = join(dirname(path), `.${basename(path)}.${process.pid}.${Date.now()}.mjs`);
  await clearLeftovers(dirname(path), (name) => copyProcess(basename(path), name));
  const onExit = (): void => rmSync(copy, { force: true }); // also a config may end the process
  process.on('exit', onExit);
  try {
    await writeFile(copy, bundle);
    const loaded = (await import(/* @vite-ignore */ pathToFileURL(copy).href)) as {
      default?: unknown;
    };
    if (loaded.default === undefined) {
      throw new LapyraError(
        'LAPYRA_CONFIG_LOAD',
        `${basename(path)}: expected a default export, got none.`,
        {
          hint: 'Write: export default defineConfig({ … })',
        },
      );
    }
    return typeof loaded.default === 'function'
      ? await (loaded.default as () => unknown)()
      : loaded.default;
  } finally {
    process.off('exit', onExit);
    await rm(copy, { force: true });
  }
}

/** The process that made such a copy of a config; `null` for any other file. */
function copyProcess(config: string, name: string): number | null {
  if (!name.startsWith(`.${config}.`)) return null;
  const [, pid] = /^(\d+)\.\d+\.mjs$/.exec(name.slice(config.length + 2)) ?? [];
  return pid === undefined ? null : Number(pid);
}

async function bundleConfig(path: string): Promise<Uint8Array> {
  const { build, stop } = await import('esbuild'); // not for a config in JSON
  try {
    const { outputFiles } = await build({
      entryPoints: [path],
      bundle: true,
      packages: 'external',
      platform: 'node',
      format: 'esm',
      target: 'node20',
      sourcemap: 'inline',
      write: false,
      logLevel: 'silent',
    });
    return outputFiles[0]!.contents;
  } finally {
    await stop(); // else its own process stays as long as this one
  }
}
