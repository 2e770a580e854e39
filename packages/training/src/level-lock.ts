// Who trains a level holds lock.json in its folder. It is taken by a hard link, which the file system makes for one
// process only, and appears with its whole content. A stale lock is replaced inside a second, nested lock of the same
// kind, named after the stale one's token: whoever holds that looks again, so two takers never both win.
import { randomUUID } from 'node:crypto';
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { LapyraError } from '@lapyra/core';
import { onDiskSync, temporaryName } from './durable-file.js';
import { processStart } from './process-identity.js';

/** The content of lock.json. */
export interface LockOwner {
  readonly pid: number;
  /** When that process was started, as its system tells it. */
  readonly started: string;
  readonly host: string;
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
 * on another host, `LAPYRA_LOCK_UNREADABLE` if the file is no lock, `LAPYRA_FILE_WRITE` if it cannot be made
 */
export function takeLevelLock(folder: string): LevelLock {
  const file = join(folder, 'lock.json');
  const owner: LockOwner = {
    pid: process.pid,
    started: processStart(process.pid) ?? '',
    host: hostname(),
    token: randomUUID(),
  };
  const stale = onDiskSync(file, () => acquire(file, owner));
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
        { hint: 'Another process may train this level now; this one stops without writing.' },
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
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
  const owner = parseOwner(text);
  if (owner) return owner;
  throw new LapyraError(
    'LAPYRA_LOCK_UNREADABLE',
    `${file}: expected a lock, got ${JSON.stringify(text.slice(0, 60))}.`,
    { hint: 'If no training runs in this folder, delete the file.' },
  );
}

/** Whether the process of a lock still lives: `false` for a stale one, `null` where it cannot be known from here. */
export function isLockAlive(owner: LockOwner): boolean | null {
  if (owner.host !== hostname()) return null;
  const start = processStart(owner.pid);
  return start === '' || start === owner.started;
}

/** Returns the owner of the stale lock that was replaced, if any. */
function acquire(file: string, owner: LockOwner): LockOwner | null {
  for (;;) {
    if (publish(file, owner)) return null;
    const found = readLockOwner(file);
    if (!found) continue; // released this moment
    refuseUnlessStale(file, found);
    const guard = join(dirname(file), `lock.${found.token}.json`);
    acquire(guard, { ...owner, token: randomUUID() });
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

function refuseUnlessStale(file: string, { pid, host, ...rest }: LockOwner): void {
  const alive = isLockAlive({ pid, host, ...rest });
  if (alive === null)
    throw new LapyraError(
      'LAPYRA_LOCK_HOST',
      `${file}: expected a free lock, got one of process ${pid} on host '${host}'.`,
      { hint: `If nothing trains this level on '${host}' any more, delete the file.` },
    );
  if (alive)
    throw new LapyraError(
      'LAPYRA_LOCK_HELD',
      `${file}: expected a free lock, got one of process ${pid}, which is running.`,
      { hint: 'This level is being trained already. Wait for it, stop it, or use another run.' },
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
      /^[\w-]+$/.test(value.token ?? '')
      ? (value as LockOwner)
      : null;
  } catch {
    return null;
  }
}
