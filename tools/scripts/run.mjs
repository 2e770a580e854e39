// Runs the steps of `npm test` and `npm start`. Built-ins only: nothing may be installed yet.
import { spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository's folder. */
export const root = fileURLToPath(new URL('../..', import.meta.url));

/** Runs one command from the repository's folder, its output passed on; true if it succeeded. */
export function run(command, args, { cwd = root, env = {} } = {}) {
  console.log(`\n> ${command} ${args.join(' ')}`);
  const { status, error } = spawnSync(command, args, {
    ...surroundings(cwd, env),
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  if (error !== undefined) console.error(`${command}: ${error.message}`);
  return status === 0;
}

function surroundings(cwd = root, env = {}) {
  const path = [join(root, 'node_modules/.bin'), process.env.PATH].join(delimiter);
  return {
    cwd,
    env: { ...process.env, PATH: path, ...env },
    shell: process.platform === 'win32',
  };
}

/** Runs commands one after the other, the output of each printed once it has ended; those that failed. */
export async function runAside(commands) {
  const failed = [];
  for (const command of commands) {
    const started = performance.now();
    const { status, output } = await outcome(command.split(' '));
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    console.log(`\n> ${command} (${seconds} s)\n${output.trimEnd()}`);
    if (status !== 0) failed.push(command);
  }
  return failed;
}

function outcome([command, ...args]) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { ...surroundings(), stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text) => (output += text));
    child.on('error', (error) => resolve({ status: 1, output: `${command}: ${error.message}` }));
    child.on('close', (status) => resolve({ status, output }));
  });
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
