// Who trains a level holds lock.json in its folder; who prepares a run holds one in the run's. It is taken by a hard link, which the file system makes for one
// process only, and appears with its whole content. A stale lock is replaced inside a second, nested lock of the same
// kind, named after the stale one's token: whoever holds that looks again, so two takers never both win.
import { randomUUID } from 'node:crypto';
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { LapyraError } from '@lapyra/core';
import { onDiskSync, temporaryName } from './durable-file.js';
import { processNamespace, processStart } from './process-identity.js';

/** The content of lock.json. */
export interface LockOwner {
  readonly pid: number;
  /** When that process was started, as its system tells it. */
  readonly started: string;
  readonly host: string;
  /** In which `pid` means something: the pid namespace on Linux; '' elsewhere, and absent in locks of old versions. */
  readonly namespace?: string;
  /** Drawn anew for each lock. */
  readonly token: string;
}

export interface LevelLock {
  readonly file: string;
  /** A line to show if the lock of a dead process was taken over. */
  readonly notice: string | null;
  /**
   * Look at the file again.
   *
   * @throws {LapyraError} `LAPYRA_LOCK_LOST` if it is gone or another's: this process must not write any more
   */
  check(): void;
  /** Give the lock back; done by itself when the process exits. */
  release(): void;
}

/**
 * Take the lock of a level's folder.
 *
 * @throws {LapyraError} `LAPYRA_LOCK_HELD` if a living process on this host has it, `LAPYRA_LOCK_HOST` if it was taken
 * on another host or in another container, `LAPYRA_LOCK_UNREADABLE` if the file is no lock, `LAPYRA_FILE_WRITE` if it cannot be made
 */
export function takeLevelLock(folder: string): LevelLock {
  return takeLock(folder, {
    doing: 'trains this level',
    wait: 'This level is being trained already. Wait for it, stop it, or use another run.',
  });
}

/**
 * Take the lock of a run's folder, for as long as its config and whitening are compared and written. Works like
 * {@link takeLevelLock}.
 *
 * @throws {LapyraError} `LAPYRA_RUN_BUSY` if a living process has it; else as {@link takeLevelLock}
 */
export function takeRunLock(folder: string): LevelLock {
  const wait = 'Run the command again when that one has begun to train, or use another --name.';
  try {
    return takeLock(folder, { doing: 'prepares this run', wait });
  } catch (error) {
    if (!LapyraError.is(error, 'LAPYRA_LOCK_HELD')) throw error;
    throw new LapyraError('LAPYRA_RUN_BUSY', error.message, { hint: wait, cause: error });
  }
}

/** What the holder of a lock does, and what others may do meanwhile. */
interface LockPurpose {
  readonly doing: string;
  readonly wait: string;
}

function takeLock(folder: string, purpose: LockPurpose): LevelLock {
  const file = join(folder, 'lock.json');
  const owner: LockOwner = {
    pid: process.pid,
    started: processStart(process.pid) ?? '',
    host: hostname(),
    namespace: processNamespace(),
    token: randomUUID(),
  };
  const stale = onDiskSync(file, () => acquire(file, owner, purpose));
  const release = (): void => {
    process.off('exit', release);
    if (readLockOwner(file)?.token === owner.token) rmSync(file, { force: true });
  };
  process.on('exit', release);
  return {
    file,
    notice: stale
      ? `${file}: process ${stale.pid} that held it is gone; its lock was taken over.`
      : null,
    check: () => {
      const now = readLockOwner(file);
      if (now?.token === owner.token) return;
      throw new LapyraError(
        'LAPYRA_LOCK_LOST',
        `${file}: expected the lock of this process (${owner.pid}), got ${now ? `that of process ${now.pid} on ${now.host}` : 'none'}.`,
        { hint: `Maybe another process ${purpose.doing} now; this one stops without writing.` },
      );
    },
    release,
  };
}

/**
 * Who holds a lock; `null` if nobody does.
 *
 * @throws {LapyraError} `LAPYRA_LOCK_UNREADABLE` if the file is no lock
 */
export function readLockOwner(file: string): LockOwner | null {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    throw unreadable(file, message, error);
  }
  const owner = parseOwner(text);
  if (owner) return owner;
  throw unreadable(file, JSON.stringify(text.slice(0, 60)));
}

/** What can be seen of a lock without taking it. */
export interface LockStatus {
  /** `unknown`: taken on another host or in another container, or the file cannot be read. */
  readonly state: 'free' | 'held' | 'unknown';
  /** A line worth showing: why it is unknown. */
  readonly notice: string | null;
}

/** Look at a lock; never throws, takes nothing. A stale lock is free. */
export function lockStatus(file: string): LockStatus {
  try {
    const owner = readLockOwner(file);
    const alive = owner ? isLockAlive(owner) : false;
    if (!owner || alive === false) return { state: 'free', notice: null };
    if (alive) return { state: 'held', notice: null };
    return { state: 'unknown', notice: `${file}: is held by ${nameOwner(owner)}.` };
  } catch (error) {
    return { state: 'unknown', notice: error instanceof Error ? error.message : String(error) };
  }
}

/** Whether the process of a lock still lives: `false` for a stale one, `null` where it cannot be known from here. */
export function isLockAlive(owner: LockOwner): boolean | null {
  if (owner.host !== hostname() || !isSameNamespace(owner)) return null;
  const start = processStart(owner.pid);
  return start === '' || start === owner.started;
}

/** Returns the owner of the stale lock that was replaced, if any. */
function acquire(file: string, owner: LockOwner, purpose: LockPurpose): LockOwner | null {
  for (;;) {
    if (publish(file, owner)) return null;
    const found = readLockOwner(file);
    if (!found) continue; // released this moment
    refuseUnlessStale(file, found, purpose);
    const guard = join(dirname(file), `lock.${found.token}.json`);
    acquire(guard, { ...owner, token: randomUUID() }, purpose);
    try {
      // Between reading and guarding another may have replaced it and given the guard back: look again.
      if (readLockOwner(file)?.token === found.token) {
        replace(file, owner);
        return found;
      }
    } finally {
      rmSync(guard, { force: true });
    }
  }
}

function isSameNamespace({ namespace }: LockOwner): boolean {
  return namespace === undefined || namespace === processNamespace();
}

function nameOwner(owner: LockOwner): string {
  const other = owner.host === hostname() && !isSameNamespace(owner);
  return `process ${owner.pid} ${other ? 'in another container ' : ''}on host '${owner.host}'`;
}

function unreadable(file: string, got: string, cause?: unknown): LapyraError {
  return new LapyraError('LAPYRA_LOCK_UNREADABLE', `${file}: expected a lock, got ${got}.`, {
    hint: 'If no training runs in this folder, delete the file.',
    cause,
  });
}

function refuseUnlessStale(file: string, owner: LockOwner, { doing, wait }: LockPurpose): void {
  const alive = isLockAlive(owner);
  if (alive === null)
    throw new LapyraError(
      'LAPYRA_LOCK_HOST',
      `${file}: expected a free lock, got one of ${nameOwner(owner)}.`,
      { hint: `If nothing ${doing} on '${owner.host}' any more, delete the file.` },
    );
  if (alive)
    throw new LapyraError(
      'LAPYRA_LOCK_HELD',
      `${file}: expected a free lock, got one of process ${owner.pid}, which is running.`,
      { hint: wait },
    );
}

/** Make the file with its whole content, unless it is there. */
function publish(file: string, owner: LockOwner): boolean {
  const temporary = temporaryName(file);
  writeFileSync(temporary, JSON.stringify(owner, null, 2));
  try {
    linkSync(temporary, file);
    return true;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? '';
    if (code === 'EEXIST') return false;
    if (!['EPERM', 'ENOTSUP', 'ENOSYS', 'EOPNOTSUPP', 'EMLINK'].includes(code)) throw error;
    return publishWithoutLinks(file, owner);
  } finally {
    rmSync(temporary, { force: true });
  }
}

/** For file systems without hard links; a reader in between sees an unreadable lock and refuses, which is safe. */
function publishWithoutLinks(file: string, owner: LockOwner): boolean {
  try {
    writeFileSync(file, JSON.stringify(owner, null, 2), { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

function replace(file: string, owner: LockOwner): void {
  const temporary = temporaryName(file);
  writeFileSync(temporary, JSON.stringify(owner, null, 2));
  renameSync(temporary, file);
}

function parseOwner(text: string): LockOwner | null {
  try {
    const value = JSON.parse(text) as Partial<LockOwner> | null;
    return typeof value?.pid === 'number' &&
      typeof value.started === 'string' &&
      typeof value.host === 'string' &&
      ['string', 'undefined'].includes(typeof value.namespace) &&
      /^[\w-]+$/.test(value.token ?? '')
      ? (value as LockOwner)
      : null;
  } catch {
    return null;
  }
}
