import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { lockStatus, takeLevelLock } from '@lapyra/training';
import { bundleChild } from './bundle-child.js';

let script: string;
let folder: string;
let children: ChildProcess[];

beforeAll(async () => {
  script = await bundleChild('lock-child.ts');
});

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lapyra-lock-'));
  children = [];
});

afterEach(() => {
  for (const child of children) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

async function taker(at = 0): Promise<{ child: ChildProcess; said: string }> {
  const child = spawn(process.execPath, [script, folder, String(at)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  children.push(child);
  const [said] = (await once(createInterface(child.stdout), 'line')) as [string];
  return { child, said };
}

async function kill(child: ChildProcess): Promise<void> {
  child.kill('SIGKILL');
  await once(child, 'exit');
}

describe('takeLevelLock', () => {
  it('refuses the second taker, and names the file and the process', async () => {
    const { child } = await taker();
    expect(() => takeLevelLock(folder)).toThrow(
      `${join(folder, 'lock.json')}: expected a free lock, got one of process ${child.pid}, which is running.`,
    );
  });

  it('takes over the lock of a killed process, with one notice', async () => {
    const { child } = await taker();
    await kill(child);
    const lock = takeLevelLock(folder);
    expect(lock.notice).toBe(
      `${join(folder, 'lock.json')}: process ${child.pid} that held it is gone; its lock was taken over.`,
    );
    expect(() => lock.check()).not.toThrow();
    lock.release();
    expect(readdirSync(folder)).toEqual([]);
  });

  it('takes over a lock whose process number was given to another process', async () => {
    const { child } = await taker();
    const file = join(folder, 'lock.json');
    const owner = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
    await kill(child);
    // The test's own process lives, but was started at another moment.
    writeFileSync(file, JSON.stringify({ ...owner, pid: process.pid }));
    const lock = takeLevelLock(folder);
    expect(lock.notice).toContain('taken over');
    lock.release();
  });

  it('gives the lock back when the process exits', async () => {
    const { child } = await taker();
    child.stdin?.end();
    await once(child, 'exit');
    expect(readdirSync(folder)).toEqual([]);
  });

  it('refuses a lock of another host', () => {
    writeFileSync(
      join(folder, 'lock.json'),
      JSON.stringify({ pid: 1, started: 'x', host: 'elsewhere', token: 'abc' }),
    );
    expect(() => takeLevelLock(folder)).toThrow(
      `${join(folder, 'lock.json')}: expected a free lock, got one of process 1 on host 'elsewhere'.`,
    );
  });

  it('refuses a lock of another container of the same host name and kernel', async (test) => {
    test.skip(process.platform !== 'linux', 'only Linux numbers processes by namespace');
    const { child } = await taker();
    const file = join(folder, 'lock.json');
    const owner = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
    expect(owner['namespace']).toBe(readlinkSync('/proc/self/ns/pid'));
    await kill(child);
    // As seen from here the process is gone; in its own namespace it may live.
    writeFileSync(file, JSON.stringify({ ...owner, namespace: 'pid:[1]' }));
    expect(() => takeLevelLock(folder)).toThrow(
      expect.objectContaining({
        code: 'LAPYRA_LOCK_HOST',
        message: expect.stringContaining(
          `got one of process ${child.pid} in another container on host`,
        ),
      }),
    );
    // A lock of a version that did not tell the namespace is judged as before.
    writeFileSync(file, JSON.stringify({ ...owner, namespace: undefined }));
    const lock = takeLevelLock(folder);
    expect(lock.notice).toContain('taken over');
    lock.release();
  });

  it('refuses a file that is no lock', () => {
    writeFileSync(join(folder, 'lock.json'), '{"pid": 12');
    expect(() => takeLevelLock(folder)).toThrow('expected a lock, got "{\\"pid\\": 12"');
  });

  it('notices that the lock was lost', () => {
    const lock = takeLevelLock(folder);
    rmSync(lock.file);
    expect(() => lock.check()).toThrow(
      `expected the lock of this process (${process.pid}), got none`,
    );
    const other = takeLevelLock(folder);
    expect(() => lock.check()).toThrow(`got that of process ${process.pid}`);
    lock.release(); // must not take the other's away
    expect(() => other.check()).not.toThrow();
    other.release();
  });

  it('lets one of many win a stale lock, and one of many a stale lock beside a dead take-over', async () => {
    for (const withDeadGuard of [false, true]) {
      const { child } = await taker();
      const file = join(folder, 'lock.json');
      const owner = JSON.parse(readFileSync(file, 'utf8')) as Record<string, string>;
      await kill(child);
      if (withDeadGuard)
        writeFileSync(
          join(folder, `lock.${owner['token']}.json`),
          JSON.stringify({ ...owner, token: 'died-while-taking-over' }),
        );
      const at = Date.now() + 500;
      const all = await Promise.all(Array.from({ length: 6 }, () => taker(at)));
      const said = all.map((one) => one.said.split(' ')[0]);
      expect(said.filter((word) => word === 'taken')).toHaveLength(1);
      expect(said.filter((word) => word === 'LAPYRA_LOCK_HELD')).toHaveLength(5);
      expect(readdirSync(folder)).toEqual(['lock.json']);
      await Promise.all(all.map((one) => kill(one.child)));
      rmSync(file);
    }
  });
});

describe('lockStatus', () => {
  const file = (): string => join(folder, 'lock.json');

  it('says what is known of a lock', async () => {
    expect(lockStatus(file())).toEqual({ state: 'free', notice: null });
    const { child } = await taker();
    expect(lockStatus(file())).toEqual({ state: 'held', notice: null });
    await kill(child);
    expect(lockStatus(file())).toEqual({ state: 'free', notice: null });
    expect(readdirSync(folder)).toEqual(['lock.json']); // only looked at
    writeFileSync(
      file(),
      JSON.stringify({ pid: 1, started: 'x', host: 'elsewhere', token: 'abc' }),
    );
    expect(lockStatus(file())).toEqual({
      state: 'unknown',
      notice: `${file()}: is held by process 1 on host 'elsewhere'.`,
    });
  });

  it('does not throw on what is no lock, or cannot be read', () => {
    writeFileSync(file(), '{"pid": 12');
    expect(lockStatus(file())).toEqual({
      state: 'unknown',
      notice: `${file()}: expected a lock, got "{\\"pid\\": 12".`,
    });
    rmSync(file());
    mkdirSync(file());
    expect(lockStatus(file()).notice).toMatch(/lock\.json: expected a lock, got EISDIR/);
    expect(() => takeLevelLock(folder)).toThrow(
      expect.objectContaining({ code: 'LAPYRA_LOCK_UNREADABLE' }),
    );
  });
});
