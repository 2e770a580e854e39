// checkpoints/step-N/{state.safetensors, checkpoint.json}, and last.json and best.json, which name one of them. A
// checkpoint is written under a temporary name, synced and renamed: a folder named step-N is whole, or was damaged later.
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { decodeSafetensors, encodeSafetensors, LapyraError, type TensorValues } from '@lapyra/core';
import {
  isTemporaryName,
  onDisk,
  syncFolder,
  temporaryName,
  writeJsonDurably,
  writeSynced,
} from './durable-file.js';
import { isCalm, type RetryState } from './retry-state.js';
import { bestScore, type ScoreRecord } from './score-record.js';

/** What a checkpoint knows beside its tensors: the content of checkpoint.json. */
export interface CheckpointRecord {
  /** Steps done. */
  readonly step: number;
  readonly retry: RetryState;
  /** All scores so far. */
  readonly scores: readonly ScoreRecord[];
  /** What the level expects and gives: the fit check's hash. */
  readonly signature: string;
  /** Of packages and Node, for people. */
  readonly versions: Readonly<Record<string, string>>;
}

export interface Checkpoint extends CheckpointRecord {
  readonly state: TensorValues;
}

export interface LoadedCheckpoint {
  readonly checkpoint: Checkpoint;
  /** A line for each newer checkpoint that was damaged. */
  readonly notices: readonly string[];
  /** Steps of the damaged checkpoints that the notices tell of. */
  readonly damaged: readonly number[];
}

const TENSORS = 'state.safetensors';
const RECORD = 'checkpoint.json';
const KEEP_LAST = 2;
/** Looks at a folder in which another process publishes and prunes. */
const LOOKS = 3;

/**
 * Publish a checkpoint, point `last` and `best` at what they mean now, and remove what nobody needs: all but the last
 * two, the best, and the last one without refused steps.
 *
 * @param beforePublish throws if this process may no longer write: nothing is published then
 * @throws {LapyraError} `LAPYRA_CHECKPOINT_WRITE` naming the file, for instance if the disk is full; the checkpoints
 * before stay good; `LAPYRA_FILE_WRITE` if it was published, but older ones cannot be removed
 */
export async function saveCheckpoint(
  folder: string,
  { state, ...record }: Checkpoint,
  beforePublish: () => void = () => undefined,
): Promise<void> {
  const target = stepFolder(folder, record.step);
  const temporary = temporaryName(target);
  const tensors = encodeSafetensors(state, { step: String(record.step) });
  const stored = { format: 1, ...record, tensors: { file: TENSORS, sha256: hash(tensors) } };
  let at = folder;
  try {
    if (!existsSync(folder)) await mkdir(folder, { recursive: true });
    await mkdir(temporary); // not recursive: that hides the reason on a read-only disk
    at = join(target, TENSORS);
    await writeSynced(join(temporary, TENSORS), tensors);
    at = join(target, RECORD);
    await writeSynced(join(temporary, RECORD), [Buffer.from(JSON.stringify(stored, null, 2))]);
    at = target;
    await syncFolder(temporary);
    beforePublish();
    await replaceFolder(temporary, target);
    await syncFolder(folder);
    at = join(folder, 'last.json');
    await writeJsonDurably(at, { step: record.step, folder: `step-${record.step}` });
    at = join(folder, 'best.json');
    await pointAtBest(folder, record.scores);
  } catch (error) {
    await rm(temporary, { recursive: true, force: true }).catch(() => undefined);
    throw LapyraError.is(error) && error.code !== 'LAPYRA_FILE_WRITE'
      ? error
      : writeError(at, error);
  }
  await onDisk(folder, () => prune(folder, record.step));
}

/**
 * The newest good checkpoint: the one that `last` names, or else the newest that is whole. `null` if there is none yet.
 * May be called while the level is trained.
 *
 * @param accept refuses checkpoints: then the next older one is tried, without a notice
 * @throws {LapyraError} `LAPYRA_CHECKPOINT_DAMAGED` if there are checkpoints but none is good
 */
export async function loadLastCheckpoint(
  folder: string,
  accept: (record: CheckpointRecord) => boolean = () => true,
): Promise<LoadedCheckpoint | null> {
  let faults: { readonly step: number; readonly fault: string }[] = [];
  let passedOver = false;
  for (let look = 0; look < LOOKS; look++) {
    const steps = await checkpointSteps(folder);
    const last = await pointedStep(join(folder, 'last.json'));
    if (last !== null && steps.includes(last))
      steps.unshift(...steps.splice(steps.indexOf(last), 1));
    faults = [];
    passedOver = false;
    let gone = false;
    for (const step of steps) {
      const loaded = await tryLoad(folder, step);
      if (loaded === 'gone') gone = true;
      else if ('fault' in loaded) faults.push({ step, fault: loaded.fault });
      else if (!accept(loaded)) passedOver = true;
      else
        return {
          checkpoint: loaded,
          notices: faults.map(({ fault }) => `${fault}: went back to step-${step}.`),
          damaged: faults.map((one) => one.step),
        };
    }
    if (!gone) break; // else a trainer published and pruned meanwhile: look again
  }
  if (faults.length === 0 || passedOver) return null;
  throw new LapyraError(
    'LAPYRA_CHECKPOINT_DAMAGED',
    `${folder}: expected a good checkpoint, got only damaged ones. ${faults.map(({ fault }) => fault).join('. ')}.`,
    {
      hint: 'Restore the folder from a copy, or start again with --fresh (the old run is moved aside).',
    },
  );
}

/**
 * The checkpoint with the best score; without scores, or if it is damaged, the last one. May be called while the level is
 * trained.
 *
 * @throws {LapyraError} `LAPYRA_CHECKPOINT_DAMAGED` if there are checkpoints but none is good
 */
export async function loadBestCheckpoint(folder: string): Promise<LoadedCheckpoint | null> {
  for (let look = 0; look < LOOKS; look++) {
    const best = await pointedStep(join(folder, 'best.json'));
    if (best === null) return loadLastCheckpoint(folder);
    const loaded = await tryLoad(folder, best);
    if (loaded === 'gone') continue; // a better one took its place
    if (!('fault' in loaded)) return { checkpoint: loaded, notices: [], damaged: [] };
    const last = await loadLastCheckpoint(folder);
    const notice = `${loaded.fault}: took the last one, step-${last?.checkpoint.step}.`;
    return (
      last && {
        ...last,
        notices: [notice, ...last.notices],
        damaged: [...new Set([best, ...last.damaged])],
      }
    );
  }
  return loadLastCheckpoint(folder);
}

/** Remove the checkpoints after a step: training went back to it. `null`: all of them. */
export async function discardCheckpointsAfter(
  folder: string,
  to: CheckpointRecord | null,
): Promise<void> {
  for (const step of await checkpointSteps(folder))
    if (to === null || step > to.step) {
      const gone = stepFolder(folder, step);
      await onDisk(gone, () => remove(gone));
    }
  const last = join(folder, 'last.json');
  if (to === null) {
    await onDisk(last, () => rm(last, { force: true }));
  } else {
    await writeJsonDurably(last, { step: to.step, folder: `step-${to.step}` });
  }
  await pointAtBest(folder, to?.scores ?? []);
}

/**
 * Rename damaged checkpoints to `damaged-step-N`, so that those saved from here on are the newest, and point `last` and
 * `best` at what training goes on from. Only for the holder of the level's lock.
 */
export async function setDamagedAside(
  folder: string,
  damaged: readonly number[],
  to: CheckpointRecord,
): Promise<void> {
  for (const step of damaged) {
    const from = stepFolder(folder, step);
    await onDisk(from, () => rename(from, freeName(folder, step)));
  }
  await writeJsonDurably(join(folder, 'last.json'), { step: to.step, folder: `step-${to.step}` });
  await pointAtBest(folder, to.scores);
}

/** Remove what a killed process left under temporary names. Only for the holder of the level's lock. */
export async function removeCheckpointLitter(folder: string): Promise<void> {
  if (!existsSync(folder)) return;
  for (const name of await readdir(folder))
    if (isTemporaryName(name)) await onDisk(join(folder, name), () => remove(join(folder, name)));
}

/** The steps of all checkpoints, newest first. */
export async function checkpointSteps(folder: string): Promise<number[]> {
  const names = existsSync(folder) ? await readdir(folder) : [];
  return names
    .map((name) => Number(/^step-(\d+)$/.exec(name)?.[1] ?? Number.NaN))
    .filter(Number.isSafeInteger)
    .sort((a, b) => b - a);
}

async function pointAtBest(folder: string, scores: readonly ScoreRecord[]): Promise<void> {
  const best = bestScore(scores);
  const file = join(folder, 'best.json');
  if (best === null) await onDisk(file, () => rm(file, { force: true }));
  else if ((await pointedStep(file)) !== best.step)
    await writeJsonDurably(file, { step: best.step, folder: `step-${best.step}`, score: best });
}

/** What is newer than the step just saved is of a training that went back: it stays until training comes by again. */
async function prune(folder: string, saved: number): Promise<void> {
  const steps = (await checkpointSteps(folder)).filter((step) => step <= saved);
  const keep = new Set([saved, ...steps.slice(0, KEEP_LAST)]);
  const keepBest = (record: CheckpointRecord | null): void => {
    const best = record && bestScore(record.scores);
    if (best) keep.add(best.step);
  };
  const records = await Promise.all(steps.map((step) => readRecord(folder, step)));
  const calm = records.find((record) => record && isCalm(record.retry)) ?? null;
  if (calm) keep.add(calm.step);
  keepBest(records[0] ?? null);
  keepBest(calm); // the best one again, should training go back there
  for (const step of steps) if (!keep.has(step)) await remove(stepFolder(folder, step));
}

/** `gone`: removed as a whole since the folder was listed. */
async function tryLoad(
  folder: string,
  step: number,
): Promise<'gone' | Checkpoint | { readonly fault: string }> {
  const path = stepFolder(folder, step);
  const fault = (what: string): 'gone' | { readonly fault: string } =>
    existsSync(path) ? { fault: `checkpoint ${path}: ${what}` } : 'gone';
  const record = await readRecord(folder, step);
  if (!record) return fault(`expected ${RECORD} of step ${step}, got none or a damaged one`);
  const file = join(path, TENSORS);
  try {
    const bytes = await readFile(file);
    const sum = hash([bytes]);
    if (sum !== record.tensors.sha256)
      return fault(
        `expected ${TENSORS} with sha256 ${record.tensors.sha256.slice(0, 12)}…, got ${sum.slice(0, 12)}… (${bytes.length} bytes)`,
      );
    const { tensors: _, ...rest } = record;
    return { ...rest, state: decodeSafetensors(bytes, file).tensors };
  } catch (error) {
    return fault(`expected ${TENSORS}, got ${(error as Error).message}`);
  }
}

type StoredRecord = CheckpointRecord & { readonly tensors: { readonly sha256: string } };

async function readRecord(folder: string, step: number): Promise<StoredRecord | null> {
  try {
    const value = JSON.parse(await readFile(join(stepFolder(folder, step), RECORD), 'utf8')) as
      (Partial<StoredRecord> & { readonly format?: unknown }) | null;
    const { format, ...record } = value ?? {};
    const whole =
      format === 1 &&
      record.step === step &&
      Array.isArray(record.scores) &&
      Array.isArray(record.retry?.refused) &&
      typeof record.retry.rateFactor === 'number' &&
      typeof record.signature === 'string' &&
      typeof record.tensors?.sha256 === 'string';
    return whole ? (record as StoredRecord) : null;
  } catch {
    return null;
  }
}

async function pointedStep(file: string): Promise<number | null> {
  try {
    const { step } = JSON.parse(await readFile(file, 'utf8')) as { readonly step?: unknown };
    return Number.isSafeInteger(step) ? (step as number) : null;
  } catch {
    return null; // missing or damaged: the folders themselves tell
  }
}

/** Rename over an existing folder; the old one is out of the way for no longer than two renames. */
async function replaceFolder(from: string, to: string): Promise<void> {
  if (!existsSync(to)) return rename(from, to);
  const old = temporaryName(to);
  await rename(to, old);
  await rename(from, to);
  await rm(old, { recursive: true, force: true });
}

/** Remove a folder so that no half of it is ever seen under its name. */
async function remove(path: string): Promise<void> {
  const gone = temporaryName(path);
  await rename(path, gone);
  await rm(gone, { recursive: true, force: true });
}

function stepFolder(folder: string, step: number): string {
  return join(folder, `step-${step}`);
}

/** `damaged-step-N`, or `damaged-step-N.1`, … where that was used before. */
function freeName(folder: string, step: number): string {
  const name = join(folder, `damaged-step-${step}`);
  if (!existsSync(name)) return name;
  for (let n = 1; ; n++) if (!existsSync(`${name}.${n}`)) return `${name}.${n}`;
}

function hash(chunks: readonly Uint8Array[]): string {
  const sum = createHash('sha256');
  for (const chunk of chunks) sum.update(chunk);
  return sum.digest('hex');
}

function writeError(file: string, error: unknown): LapyraError {
  const cause = LapyraError.is(error) ? error.cause : error;
  const { code, message } = cause as NodeJS.ErrnoException;
  return new LapyraError(
    'LAPYRA_CHECKPOINT_WRITE',
    `${file}: expected to write the checkpoint, got ${code ?? ''} (${message}).`,
    {
      hint: 'Free some space, or make the folder writable, and run the same command again: training goes on from the checkpoint before.',
      cause,
    },
  );
}
