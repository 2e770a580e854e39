import {
  CONTRACT,
  type Descriptor,
  type GivenFile,
  isPlugin,
  LapyraError,
  nearestName,
  parseReference,
  type Plugin,
  type PluginKind,
  type PluginKinds,
} from '@lapyra/core';
import { readableIssues } from '../config/readable-issues.js';
import { findProject, type Project } from '../project.js';
import { type FileHashes, hashesInside, readGivenFile } from './given-file.js';
import { findPluginPackage, type PluginPackage } from './plugin-package.js';

/** What a descriptor, stored or fresh, says. */
type Chosen = Pick<Descriptor, 'use' | 'options'> & {
  readonly version?: string;
  readonly files?: FileHashes;
};

export interface CreateOptions {
  /** Accept a stored descriptor made with another major version of its package. @default false */
  readonly anyVersion?: boolean;
  /** Where the paths of files begin. Default: the project's folder. */
  readonly filesFrom?: string;
}

/**
 * Make what a descriptor describes: import its package from the project, check contract, version and options, and
 * create. Whatever goes wrong inside the plugin carries the plugin's name.
 *
 * @throws {LapyraError} `LAPYRA_PLUGIN_*`
 */
export async function createPlugin<Kind extends PluginKind>(
  project: Project,
  kind: Kind,
  chosen: Chosen,
  told: PluginKinds[Kind]['told'],
  options: CreateOptions = {},
): Promise<PluginKinds[Kind]['makes']> {
  const { plugin, checked, parts, files } = await checkPlugin(project, kind, chosen, options);
  const made: Record<string, unknown> = {};
  for (const { option, file } of files) made[option] = file;
  const inside = { filesFrom: project.folder, ...options };
  for (const { option, kind: partKind, chosen: part, owner } of parts)
    made[option] = await createPlugin(owner, partKind, part, undefined as never, inside);
  try {
    // The kind was checked by name; TypeScript cannot follow that through an import at run time.
    return (await plugin.create(checked, told as never, made)) as PluginKinds[Kind]['makes'];
  } catch (cause) {
    throw wrap(chosen.use, 'could not be set up', cause);
  }
}

/**
 * All of {@link createPlugin} but the making: what a descriptor says is there and fits.
 *
 * @returns the plugin's definition, its options with defaults filled in, and the plugins and files that they name in turn
 * @throws {LapyraError} `LAPYRA_PLUGIN_*`
 */
export async function checkPlugin(
  project: Project,
  kind: PluginKind,
  chosen: Chosen,
  options: CreateOptions = {},
): Promise<CheckedPlugin> {
  const { packageName, exportName } = parseReference(chosen.use);
  const found = findPluginPackage(project, packageName);
  checkContract(chosen.use, found);
  if (!options.anyVersion) checkVersion(chosen, found);
  checkExport(chosen.use, kind, exportName, found);
  const { plugin } = await importPlugin(chosen.use, exportName, found);
  const checked = await checkOptions(chosen, plugin);
  const inside = { filesFrom: project.folder, ...options };
  const files = await filesOf(chosen, plugin, checked, inside.filesFrom);
  const hashes: Record<string, string> = {};
  for (const { option, sha256 } of files) hashes[option] = sha256;
  const parts = partsOf(project, chosen, plugin, checked, found);
  for (const part of parts) {
    const within = await checkPlugin(part.owner, part.kind, part.chosen, inside);
    for (const [option, sha256] of Object.entries(within.hashes))
      hashes[`${part.option}.${option}`] = sha256;
  }
  return { plugin, checked, parts, files, hashes };
}

interface CheckedPlugin {
  readonly plugin: Plugin['plugin'];
  readonly checked: unknown;
  readonly parts: readonly Part[];
  readonly files: readonly FilePart[];
  /** Of all files, those of parts under `<option>.<option of the part>`. */
  readonly hashes: FileHashes;
}

/** An option that names a file. */
interface FilePart {
  readonly option: string;
  readonly file: GivenFile;
  readonly sha256: string;
}

async function filesOf(
  { use, files = {} }: Chosen,
  plugin: Plugin['plugin'],
  checked: unknown,
  folder: string,
): Promise<readonly FilePart[]> {
  const found: FilePart[] = [];
  for (const [option, kind] of Object.entries(plugin.parts ?? {})) {
    const name = (checked as Readonly<Record<string, string | null | undefined>>)[option];
    if (kind !== 'file' || !name) continue;
    const subject = `plugin ${use}, ${option}`;
    const { file, sha256 } = await readGivenFile(subject, folder, name, files[option]);
    found.push({ option, file, sha256 });
  }
  return found;
}

/** An option that is itself a descriptor. */
interface Part {
  readonly option: string;
  readonly kind: PluginKind;
  readonly chosen: Chosen;
  /** In whose dependencies it is looked for. */
  readonly owner: Project;
}

/** A part comes from the project's dependencies, or, as defaults do, from those of the plugin that wants it. */
function partsOf(
  project: Project,
  { files = {} }: Chosen,
  plugin: Plugin['plugin'],
  checked: unknown,
  found: PluginPackage,
): readonly Part[] {
  return Object.entries(plugin.parts ?? {}).flatMap(([option, kind]): Part[] => {
    if (kind === 'file') return [];
    const chosen = (checked as Readonly<Record<string, Chosen | null | undefined>>)[option];
    if (!chosen) return [];
    const { packageName } = parseReference(chosen.use);
    const isOwn = !project.dependencies.includes(packageName);
    const own = isOwn ? findProject(found.folder) : project;
    return [
      {
        option,
        kind,
        chosen: { ...chosen, files: hashesInside(files, option) },
        owner: own.dependencies.includes(packageName) ? own : project,
      },
    ];
  });
}

function checkContract(use: string, found: PluginPackage): void {
  if (found.contract === CONTRACT) return;
  const newer = found.contract > CONTRACT;
  throw new LapyraError(
    'LAPYRA_PLUGIN_CONTRACT',
    `plugin ${use}: expected contract version ${CONTRACT}, got ${found.contract} (${found.name}@${found.version}).`,
    {
      hint: newer
        ? 'Update lapyra with: npm install lapyra@latest'
        : `Update the plugin with: npm install ${found.name}@latest`,
    },
  );
}

/**
 * Refuse a package of another major version than the one stored with a descriptor.
 *
 * @throws {LapyraError} `LAPYRA_PLUGIN_VERSION`
 */
export function checkVersion({ use, version }: Chosen, found: PluginPackage): void {
  if (version === undefined || major(version) === major(found.version)) return;
  throw new LapyraError(
    'LAPYRA_PLUGIN_VERSION',
    `plugin ${use}: expected version ${version}, with which this run was made, got ${found.version}.`,
    {
      hint: `Install it with: npm install ${found.name}@${version}, or go on regardless with --any-version`,
    },
  );
}

/** Under 1.0.0 a minor version may break, as npm's caret has it. */
function major(version: string): string {
  const [first = '0', second = '0'] = version.split('.');
  return first === '0' ? `0.${second}` : first;
}

/** The kinds of plugins in words. */
const KINDS: Readonly<Record<PluginKind, string>> = {
  level: 'level',
  transform: 'transform',
  dataset: 'dataset',
  backend: 'backend',
  features: 'feature net',
  encoder: 'text encoder',
};

function checkExport(
  use: string,
  kind: PluginKind,
  exportName: string,
  found: PluginPackage,
): void {
  const listed = Object.hasOwn(found.plugins, exportName) ? found.plugins[exportName] : undefined;
  if (listed === kind) return;
  const fitting = Object.keys(found.plugins).filter((name) => found.plugins[name] === kind);
  const near = nearestName(exportName, fitting) ?? fitting[0];
  throw new LapyraError(
    'LAPYRA_PLUGIN_EXPORT',
    `plugin ${use}: expected a ${KINDS[kind]}, got ${listed ? `a ${KINDS[listed]}` : `no plugin '${exportName}' in ${found.name}@${found.version}`}.`,
    { hint: near ? `Did you mean ${found.name}#${near}?` : `${found.name} has no ${KINDS[kind]}.` },
  );
}

async function importPlugin(
  use: string,
  exportName: string,
  found: PluginPackage,
): Promise<Plugin> {
  let loaded: Record<string, unknown>;
  try {
    loaded = (await import(/* @vite-ignore */ found.entry)) as Record<string, unknown>;
  } catch (cause) {
    throw wrap(use, 'could not be loaded', cause);
  }
  const plugin = loaded[exportName];
  if (!isPlugin(plugin)) {
    throw new LapyraError(
      'LAPYRA_PLUGIN_EXPORT',
      `plugin ${use}: expected an export made by definePlugin, got ${typeof plugin}.`,
    );
  }
  if (plugin.plugin.contract !== CONTRACT)
    checkContract(use, { ...found, contract: plugin.plugin.contract });
  return plugin;
}

async function checkOptions({ use, options }: Chosen, plugin: Plugin['plugin']): Promise<unknown> {
  const result = await plugin.options['~standard'].validate(options);
  if (!result.issues) return result.value;
  const problems = readableIssues(plugin.options, result.issues);
  const lines = problems.map(({ path, message }) => `  ${path || '(options)'}: ${message}`);
  const known = Object.keys((plugin.options as { entries?: object }).entries ?? {});
  const unknown = Object.keys(options).filter((key) => known.length > 0 && !known.includes(key));
  // What valibot finds unknown has its suggestion in the message; other libraries' messages have none.
  const near = lines.some((line) => line.includes('did you mean'))
    ? undefined
    : unknown.map((key) => nearestName(key, known)).find((name) => name !== undefined);
  throw new LapyraError(
    'LAPYRA_PLUGIN_OPTIONS',
    `plugin ${use}: options are wrong\n${lines.join('\n')}`,
    {
      hint: near
        ? `Did you mean '${near}'?`
        : known.length > 0
          ? `It knows the options ${known.join(', ')}.`
          : `See the README of ${use.split('#')[0]}.`,
    },
  );
}

function wrap(use: string, what: string, cause: unknown): LapyraError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  const hint = LapyraError.is(cause) ? cause.hint : undefined;
  return new LapyraError('LAPYRA_PLUGIN_FAILED', `plugin ${use}: ${what}: ${reason}`, {
    cause,
    ...(hint === undefined ? {} : { hint }),
  });
}
