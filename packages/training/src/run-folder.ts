// runs/<name>/: config.json, manifest.json, whitening.json, samples/, lock.json while it is prepared, and levels/<size>/
// with lock.json, metrics.jsonl, checkpoints/ and samples/. A run is what its config says: another config is another run.
import { existsSync, readdirSync } from 'node:fs';
import { mkdir, readFile, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import {
  type Json,
  LapyraError,
  loadWhitening,
  type StoredWhitening,
  storeWhitening,
  type Whitening,
} from '@lapyra/core';
import { configDifferences, type Difference, formatDifference } from './config-difference.js';
import { isTemporaryName, onDisk, onDiskSync, writeJsonDurably } from './durable-file.js';
import { isLockAlive, type LevelLock, readLockOwner, takeRunLock } from './level-lock.js';

export interface RunPaths {
  readonly folder: string;
  /** Held by who prepares the run, until its levels begin. */
  readonly lock: string;
  readonly config: string;
  readonly manifest: string;
  readonly whitening: string;
  readonly samples: string;
  /** @param name a level's name, see core's `sizeName` */
  level(name: string): LevelPaths;
}

export interface LevelPaths {
  readonly folder: string;
  readonly lock: string;
  /** What the level is: enough to take it over into another run. */
  readonly record: string;
  readonly metrics: string;
  readonly checkpoints: string;
  readonly samples: string;
  /** Coarse images that it learns on beside true ones, if it does. */
  readonly generated: string;
  /** What the level's scores are compared with. */
  readonly baselines: string;
  /** Why the level was given up, if it was. */
  readonly diverged: string;
}

/** What a run was started with, other than its config. */
export interface RunManifest {
  /** Of packages, plugins and Node. */
  readonly versions: Readonly<Record<string, string>>;
  /** Name of the processor or adapter. */
  readonly processor: string;
  /** The backend's id. */
  readonly backend: string;
  /** Threads of each level's process: three or more round differently than one or two. */
  readonly threads: number;
  readonly seed: number;
  /** Fingerprint of the data set. */
  readonly data: string;
  /** Fingerprint of captions and encoder, if the levels are conditioned on them. */
  readonly captions?: string;
}

export interface OpenedRun {
  readonly paths: RunPaths;
  readonly config: Json;
  readonly manifest: RunManifest;
  /** `null` until it was measured and stored. */
  readonly whitening: Whitening | null;
}

export interface CreatedRun extends OpenedRun {
  /** Whether the folder was there already. */
  readonly resumed: boolean;
  /** Lines worth showing: the old run was moved, the processor is another. */
  readonly notices: readonly string[];
  /** Give the run's lock back: once the whitening is stored, and also if that fails. */
  release(): void;
}

export function levelPaths(folder: string): LevelPaths {
  return {
    folder,
    lock: join(folder, 'lock.json'),
    record: join(folder, 'level.json'),
    metrics: join(folder, 'metrics.jsonl'),
    checkpoints: join(folder, 'checkpoints'),
    samples: join(folder, 'samples'),
    generated: join(folder, 'generated.safetensors'),
    baselines: join(folder, 'baselines.json'),
    diverged: join(folder, 'diverged.json'),
  };
}

export function runPaths(folder: string): RunPaths {
  return {
    folder,
    lock: join(folder, 'lock.json'),
    config: join(folder, 'config.json'),
    manifest: join(folder, 'manifest.json'),
    whitening: join(folder, 'whitening.json'),
    samples: join(folder, 'samples'),
    level: (name) => levelPaths(join(folder, 'levels', name)),
  };
}

/**
 * Make a run's folder, or take up the one that is there. A resolved config must equal the stored one; only a level's
 * `steps` may grow, and the intervals of checkpoints and scores may change; and so may the versions of plugins, which
 * whoever opens the run has checked.
 *
 * The run is locked from here until `release`: no other process compares, changes or moves it meanwhile.
 *
 * @param options.fresh move an existing run aside, to the first free `<name>.1`, `<name>.2`, …
 * @throws {LapyraError} `LAPYRA_RUN_CONFIG` saying what differs, `LAPYRA_RUN_DATA` if the data set is another,
 * `LAPYRA_RUN_BUSY` if another process prepares it, or trains a level of a run that should be moved or changed,
 * `LAPYRA_RUN_NOT_A_RUN` if the folder is something else, `LAPYRA_LOCK_HOST`, `LAPYRA_LOCK_UNREADABLE`,
 * `LAPYRA_FILE_WRITE`
 */
export async function createRun(options: CreateRunOptions): Promise<CreatedRun> {
  const { folder, fresh = false } = options;
  const paths = runPaths(folder);
  if (!fresh && !isUnused(folder, paths)) await openRun(folder); // a folder of something else is left as it is
  let lock = await lockFolder(folder);
  try {
    const notices = lock.notice ? [lock.notice] : [];
    if (fresh && !isUnused(folder, paths)) {
      notices.push(`moved the old run to ${await moveAside(folder, lock)}`);
      lock = await lockFolder(folder);
    }
    const { release } = lock;
    const run = isUnused(folder, paths)
      ? await beginRun(paths, options)
      : await takeUpRun(folder, options);
    return { ...run, notices: [...notices, ...run.notices], release };
  } catch (error) {
    lock.release();
    throw error;
  }
}

/**
 * Read a run's folder.
 *
 * @throws {LapyraError} `LAPYRA_RUN_NOT_A_RUN` if there is none, or a file of it cannot be read
 */
export async function openRun(folder: string): Promise<OpenedRun> {
  const paths = runPaths(folder);
  const read = async (file: string): Promise<Json> => {
    try {
      return JSON.parse(await readFile(file, 'utf8')) as Json;
    } catch (error) {
      throw new LapyraError(
        'LAPYRA_RUN_NOT_A_RUN',
        `${folder}: expected the folder of a run with ${basename(file)}, got ${(error as Error).message}.`,
        {
          hint: 'Give the folder of a run, for instance runs/demo, or another --name.',
          cause: error,
        },
      );
    }
  };
  return {
    paths,
    config: await read(paths.config),
    manifest: (await read(paths.manifest)) as unknown as RunManifest,
    whitening: existsSync(paths.whitening)
      ? loadWhitening((await read(paths.whitening)) as unknown as StoredWhitening)
      : null,
  };
}

/** Store the whitening with the run; it is part of what the levels learn. */
export async function writeWhitening(paths: RunPaths, whitening: Whitening): Promise<void> {
  await writeJsonDurably(paths.whitening, storeWhitening(whitening));
}

interface CreateRunOptions {
  readonly folder: string;
  readonly config: Json;
  readonly manifest: RunManifest;
  readonly fresh?: boolean;
}

async function lockFolder(folder: string): Promise<LevelLock> {
  await onDisk(folder, () => mkdir(folder, { recursive: true }));
  return takeRunLock(folder);
}

async function beginRun(
  paths: RunPaths,
  { config, manifest }: CreateRunOptions,
): Promise<Omit<CreatedRun, 'release'>> {
  await onDisk(paths.samples, () => mkdir(paths.samples, { recursive: true }));
  await writeJsonDurably(paths.manifest, manifest);
  await writeJsonDurably(paths.config, config); // last: a folder with a config is a run
  return { paths, config, manifest, whitening: null, resumed: false, notices: [] };
}

async function takeUpRun(
  folder: string,
  { config, manifest }: CreateRunOptions,
): Promise<Omit<CreatedRun, 'release'>> {
  const stored = await openRun(folder);
  refuseOtherConfig(folder, stored.config, config);
  if (stored.manifest.data !== manifest.data)
    throw new LapyraError(
      'LAPYRA_RUN_DATA',
      `run ${basename(folder)}: expected the images that it was started with (${stored.manifest.data}), got others (${manifest.data}).`,
      { hint: OTHER_RUN },
    );
  if (stored.manifest.captions !== manifest.captions)
    throw new LapyraError(
      'LAPYRA_RUN_DATA',
      `run ${basename(folder)}: expected the captions that it was started with (${stored.manifest.captions ?? 'none'}), got others (${manifest.captions ?? 'none'}).`,
      { hint: OTHER_RUN },
    );
  const notices = configDifferences(
    stored.manifest as unknown as Json, // plain data; only interfaces lack Json's index signature
    manifest as unknown as Json,
  ).map(
    (difference) =>
      `the run goes on under other conditions, results may differ in the last bits: ${formatDifference(difference)}`,
  );
  if (configDifferences(stored.config, config).length > 0) {
    refuseWhileTrained(folder); // its levels go by the stored config
    await writeJsonDurably(stored.paths.config, config);
  }
  return { ...stored, config, resumed: true, notices };
}

const OTHER_RUN = 'Use another --name, or --fresh: it moves the old run aside and starts anew.';

/** Nothing there, or only locks and what was made before a crash in {@link createRun}. */
function isUnused(folder: string, paths: RunPaths): boolean {
  if (!existsSync(folder)) return true;
  const made = [basename(paths.samples), basename(paths.manifest)];
  return onDiskSync(folder, () => readdirSync(folder)).every(
    (name) => made.includes(name) || isTemporaryName(name) || /^lock\.([\w-]+\.)?json$/.test(name),
  );
}

function refuseOtherConfig(folder: string, stored: Json, config: Json): void {
  const refused = configDifferences(stored, config).filter((difference) => !mayChange(difference));
  if (refused.length === 0) return;
  throw new LapyraError(
    'LAPYRA_RUN_CONFIG',
    `run ${basename(folder)}: expected the config that it was started with, got another: ${refused.map(formatDifference).join('; ')}.`,
    { hint: `Steps may grow; nothing else that bears on the result may change. ${OTHER_RUN}` },
  );
}

function mayChange({ path, before, after }: Difference): boolean {
  if (/^levels\[\d+\]\.(checkpointEvery|scoreEvery)$/.test(path)) return true;
  if (/^(data\.from|transform|condition\.text|levels\[\d+\]\.model)\.version$/.test(path))
    return true;
  return (
    /^levels\[\d+\]\.steps$/.test(path) &&
    typeof before === 'number' &&
    typeof after === 'number' &&
    after > before
  );
}

/** The lock goes with the folder, and is given back there. */
async function moveAside(folder: string, lock: LevelLock): Promise<string> {
  refuseWhileTrained(folder);
  for (let n = 1; ; n++) {
    const aside = join(dirname(folder), `${basename(folder)}.${n}`);
    if (existsSync(aside)) continue;
    lock.check();
    await onDisk(folder, () => rename(folder, aside));
    await onDisk(aside, () => rm(runPaths(aside).lock, { force: true }));
    lock.release();
    return aside;
  }
}

function refuseWhileTrained(folder: string): void {
  const levels = join(folder, 'levels');
  for (const name of existsSync(levels) ? readdirSync(levels) : []) {
    const file = levelPaths(join(levels, name)).lock;
    const owner = readLockOwner(file);
    if (owner && isLockAlive(owner) !== false)
      throw new LapyraError(
        'LAPYRA_RUN_BUSY',
        `${file}: expected a run that nobody trains, got a lock of process ${owner.pid} on ${owner.host}.`,
        { hint: 'Stop that training first, or use another --name.' },
      );
  }
}
