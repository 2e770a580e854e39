// Runs the steps of `npm test` and `npm start`. Built-ins only: nothing may be installed yet.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository's folder. */
export const root = fileURLToPath(new URL('../..', import.meta.url));

/** Runs one command from the repository's folder, its output passed on; true if it succeeded. */
export function run(command, args, { cwd = root, env = {} } = {}) {
  console.log(`\n> ${command} ${args.join(' ')}`);
  const path = [join(root, 'node_modules/.bin'), process.env.PATH].join(delimiter);
  const { status, error } = spawnSync(command, args, {
    cwd,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, PATH: path, ...env },
    shell: process.platform === 'win32',
  });
  if (error !== undefined) console.error(`${command}: ${error.message}`);
  return status === 0;
}

/** Installs what package-lock.json asks for, unless node_modules has it already; true if all is there. */
export function install() {
  // ONNX Runtime's own install script fetches CUDA libraries from another host; the CPU needs none of them.
  return isInstalled() || run('npm', ['ci'], { env: { ONNXRUNTIME_NODE_INSTALL: 'skip' } });
}

function isInstalled() {
  const wanted = packagesOf('package-lock.json');
  const present = packagesOf('node_modules/.package-lock.json');
  return Object.entries(wanted).every(([path, { version, optional, devOptional }]) => {
    if (path === '' || ((optional || devOptional) && present[path] === undefined)) return true;
    return present[path] !== undefined && present[path].version === version;
  });
}

function packagesOf(file) {
  try {
    return JSON.parse(readFileSync(join(root, file), 'utf8')).packages;
  } catch {
    return {};
  }
}
