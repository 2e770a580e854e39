// A project folder as a user has it, with few real images, and the built command line to run in it.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Json } from '@lapyra/core';
import { askServingProcess } from './serving-process.js';

/** The repository's folder, with a slash at the end. */
export const repository: string = fileURLToPath(new URL('../../../', import.meta.url));

const BIN = join(repository, 'packages/lapyra/bin/lapyra.js');
/** One record of CIFAR-10's binary format: a label and three planes of 32×32. */
const RECORD = 1 + 3 * 32 * 32;

/** How a command ended. */
export interface Ended {
  /** `null` if a signal ended it. */
  readonly code: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A command that runs. */
export interface Running {
  readonly pid: number;
  readonly process: ChildProcess;
  readonly ended: Promise<Ended>;
  /** What it has printed so far. */
  printed(): string;
}

export interface RunOptions {
  /** Folder to run in, relative to the project. */
  readonly in?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Largest file that it may write, in KiB. */
  readonly largestFile?: number;
  /** Lead a process group, so that a signal reaches it and its children together. */
  readonly group?: boolean;
}

export interface TestProject {
  readonly folder: string;
  /** Run `lapyra` with these arguments to its end, in a process of its own. */
  lapyra(args: readonly string[], options?: RunOptions): Promise<Ended>;
  /**
   * Run it in a process that serves many commands, which takes a fraction of the time: where what is tested is the answer,
   * not the process, and no plugin was changed since it was loaded.
   */
  ask(args: readonly string[], options?: Pick<RunOptions, 'in'>): Promise<Ended>;
  start(args: readonly string[], options?: RunOptions): Running;
  path(...parts: readonly string[]): string;
  write(file: string, content: string | Uint8Array): void;
  /** Write `lapyra.config.json`. */
  configure(config: Json | object): void;
  remove(): void;
}

/**
 * Make a project inside the repository, where its dependencies are installed. It has 400 training and 112 test images
 * in `images/` and a cache of its own.
 *
 * @param dependencies more packages that it depends on
 */
export function createTestProject(dependencies: readonly string[] = []): TestProject {
  const base = join(repository, '.cache');
  mkdirSync(base, { recursive: true });
  const folder = mkdtempSync(join(base, 'e2e-'));
  const path = (...parts: readonly string[]): string => join(folder, ...parts);
  const write = (file: string, content: string | Uint8Array): void => {
    mkdirSync(dirname(path(file)), { recursive: true });
    writeFileSync(path(file), content);
  };
  const names = [...DEPENDENCIES, ...dependencies];
  const manifest = {
    name: 'e2e',
    private: true,
    type: 'module',
    dependencies: Object.fromEntries(names.map((name) => [name, '*'])),
  };
  write('package.json', JSON.stringify(manifest));
  writeImages(write);
  const start = (args: readonly string[], options: RunOptions = {}): Running =>
    run([BIN, ...args], { ...options, cwd: path(options.in ?? '.'), cache: path('cache') });
  return {
    folder,
    lapyra: (args, options) => start(args, options).ended,
    ask: (args, options = {}) =>
      askServingProcess({ args, cwd: path(options.in ?? '.'), cache: path('cache') }),
    start,
    path,
    write,
    configure: (config) => write('lapyra.config.json', JSON.stringify(config, null, 2)),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

const DEPENDENCIES = [
  'lapyra',
  '@lapyra/backend-onnxruntime',
  '@lapyra/dataset-cifar10',
  '@lapyra/dataset-image-folder',
  '@lapyra/level-adversarial',
  '@lapyra/transform-laplacian',
];

/** Real images in the official format: five files of 80 for training, the rest for tests. */
function writeImages(write: TestProject['write']): void {
  const bytes = readFileSync(join(repository, 'packages/testing/fixtures/cifar10-512.bin'));
  const records = (from: number, to?: number): Uint8Array =>
    bytes.subarray(from * RECORD, to === undefined ? undefined : to * RECORD);
  for (let file = 0; file < 5; file += 1)
    write(`images/data_batch_${file + 1}.bin`, records(file * 80, (file + 1) * 80));
  write('images/test_batch.bin', records(400));
}

function run(
  args: readonly string[],
  options: RunOptions & { readonly cwd: string; readonly cache: string },
): Running {
  const { env: given = {}, group = false, largestFile } = options;
  const env: NodeJS.ProcessEnv = { ...process.env, ...given, LAPYRA_CACHE: options.cache };
  env['NO_COLOR'] = '1';
  delete env['FORCE_COLOR'];
  // The limit counts in blocks of 512 bytes or, in bash, 1024.
  const [command, ...rest] =
    largestFile === undefined
      ? [process.execPath, ...args]
      : ['bash', '-c', `ulimit -f ${largestFile}; exec "$0" "$@"`, process.execPath, ...args];
  const child = spawn(command!, rest, {
    cwd: options.cwd,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: group,
  });
  const texts = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8');
    child[name].on('data', (text: string) => {
      texts[name] += text;
    });
  }
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ code, signal, ...texts }));
  });
  return { pid: child.pid ?? 0, process: child, ended, printed: () => texts.stdout + texts.stderr };
}
