import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { findRepository } from './find-repository.mjs';
import { repositoryFrame, standaloneFrame } from './frame.mjs';
import { pluginNames } from './plugin-names.mjs';
import { Refusal } from './refusal.mjs';
import { TEMPLATES } from './templates.mjs';

const HERE = fileURLToPath(new URL('../templates/', import.meta.url));

/**
 * Write a new plugin package.
 *
 * @param kind one of TEMPLATES
 * @param name as in `lapyra-KIND-NAME`, or `@scope/NAME`
 * @param folder where, for a package of its own; default: in Lapyra's repository its plugins/, elsewhere a folder of the
 * package's name in `cwd`
 * @returns its folder, files and package name, and what to do next
 * @throws {Refusal} for an unknown kind, a name that npm would not take, a folder that is there
 */
export async function createPlugin({ kind: asked, name, cwd, folder: wanted }) {
  const template = Object.hasOwn(TEMPLATES, asked) ? TEMPLATES[asked] : undefined;
  if (!template)
    throw new Refusal(`kind: expected ${Object.keys(TEMPLATES).join(', ')}, got '${asked}'.`);
  const repository = wanted === undefined ? findRepository(cwd) : null;
  const names = pluginNames(template.kind, name, repository ? 'lapyra' : undefined);
  const folder = repository
    ? join(repository, 'plugins', names.folder)
    : resolve(cwd, wanted ?? names.folder);
  if (existsSync(folder) && readdirSync(folder).length > 0)
    throw new Refusal(`folder: expected one that is not there or empty, got ${folder}.`);
  const frame = repository ? repositoryFrame : standaloneFrame;
  const files = { ...readTemplate(template.folder, names), ...frame(template, names) };
  const format = repository ? await formatter(repository) : null;
  for (const [path, text] of Object.entries(files)) {
    const file = join(folder, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, format ? await format(file, text) : text);
  }
  return {
    folder,
    files: Object.keys(files),
    packageName: names.packageName,
    next: repository
      ? inRepository(names, template, relative(cwd, repository))
      : alone(cwd, folder),
  };
}

/** The files of a template under their own names. */
function readTemplate(template, names) {
  const root = join(HERE, template);
  const paths = readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)));
  return Object.fromEntries(
    paths.map((path) => [named(path, names), named(readFileSync(join(root, path), 'utf8'), names)]),
  );
}

/** In templates everything is called after a plugin 'my-plugin'. */
function named(text, { packageName, file, exportName, typeName }) {
  return text
    .replaceAll('lapyra-kind-my-plugin', packageName)
    .replaceAll('my-plugin', file)
    .replaceAll('myPlugin', exportName)
    .replaceAll('MyPlugin', typeName);
}

/** Names of other lengths break lines elsewhere: the repository's own formatter decides. */
async function formatter(repository) {
  const own = createRequire(join(repository, 'package.json'));
  const { format, resolveConfig } = await import(pathToFileURL(own.resolve('prettier')).href);
  const options = await resolveConfig(join(repository, 'package.json'));
  return (file, text) => format(text, { ...options, filepath: file });
}

function inRepository({ folder }, { kind }, root) {
  return [
    ...(root ? [`cd ${root}`] : []),
    'npm install',
    `npx vitest run --project ${folder}`,
    `add a row to the table of packages in README.md, and its options to docs/configuration.md`,
    ...(kind === 'level' ? ['add its row of evidence: tools/evidence/README.md says how'] : []),
    'npm test',
  ];
}

function alone(cwd, folder) {
  const path = relative(cwd, folder);
  return [
    ...(path ? [`cd ${path}`] : []),
    'npm install',
    'npm test',
    'npm run build, then npm install this folder in the project that uses it, or npm publish',
  ];
}
