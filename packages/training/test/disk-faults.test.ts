import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spawnSync } from 'node:child_process';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  createRun,
  runPaths,
  saveCheckpoint,
  takeLevelLock,
  trainLevel,
  writeImageStore,
  writeWhitening,
} from '@lapyra/training';
import { openMetricsLog } from '../src/metrics-log.js';
import { toyDataset, toyWhitening } from './toy-data.js';

let root: string;
let inTheWay: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'lapyra-disk-'));
  inTheWay = join(root, 'file');
  writeFileSync(inTheWay, 'no folder');
});

afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

const manifest = { versions: {}, processor: '', backend: '', threads: 1, seed: 1, data: '' };
const notice = (): void => undefined;

/** The error that says the file, the reason and the way out. */
const fileWrite = (file: string, reason: string): unknown =>
  expect.objectContaining({
    code: 'LAPYRA_FILE_WRITE',
    message: expect.stringMatching(
      new RegExp(`^${file.replaceAll('.', '\\.')}.*: expected to write it, got ${reason}`),
    ),
    hint: 'Free some space, or make the folder writable; the same command goes on from there.',
  });

describe('a file in the place of a folder is named, with a way out', () => {
  it('by createRun', async () => {
    const folder = join(inTheWay, 'demo');
    await expect(createRun({ folder, config: {}, manifest })).rejects.toThrow(
      fileWrite(folder, 'ENOTDIR') as Error,
    );
    await expect(createRun({ folder: inTheWay, config: {}, manifest })).rejects.toThrow(
      fileWrite(inTheWay, 'E(NOTDIR|EXIST)') as Error,
    );
  });

  it('by writeWhitening and writeImageStore', async () => {
    const { whitening } = runPaths(inTheWay);
    await expect(writeWhitening(runPaths(inTheWay), toyWhitening)).rejects.toThrow(
      fileWrite(whitening, 'ENOTDIR') as Error,
    );
    const store = join(inTheWay, 'images.bin');
    await expect(writeImageStore(store, toyDataset())).rejects.toThrow(
      fileWrite(store, 'ENOTDIR') as Error,
    );
  });

  it('by takeLevelLock and trainLevel', async () => {
    const folder = join(inTheWay, '8');
    expect(() => takeLevelLock(folder)).toThrow(
      fileWrite(join(folder, 'lock.json'), 'ENOTDIR') as Error,
    );
    const options = { folder, job: {} } as Parameters<typeof trainLevel>[0]; // it comes no further than the folder
    await expect(trainLevel({ ...options, emit: notice })).rejects.toThrow(
      fileWrite(folder, 'ENOTDIR') as Error,
    );
  });

  it('by openMetricsLog, where a folder stands in the place of the file', async () => {
    await expect(openMetricsLog(root, 0, notice)).rejects.toThrow(
      fileWrite(root, 'EISDIR') as Error,
    );
  });
});

describe('what a data set throws', () => {
  it('is not taken for a fault of the disk', async () => {
    const failing = {
      ...toyDataset(),
      read: async function* (): AsyncGenerator<never> {
        yield* await Promise.reject<never[]>(
          Object.assign(new Error('gone'), { code: 'ENOENT', syscall: 'open' }),
        );
      },
    };
    await expect(writeImageStore(join(root, 'images.bin'), failing)).rejects.toThrow(
      expect.objectContaining({ code: 'ENOENT', message: 'gone' }),
    );
  });
});

describe('a small disk', () => {
  it('that is full or read-only is told by every writer', async (test) => {
    const folder = join(root, 'small');
    mkdirSync(folder);
    const mounted = mount('-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', folder);
    test.skip(mounted !== null, `this user may not mount a small disk: ${mounted}`);
    try {
      const state = {};
      const checkpoint = {
        step: 1,
        retry: { attempt: 0, rateFactor: 1, refused: [] },
        scores: [],
        signature: '',
        versions: {},
        state,
      };
      await saveCheckpoint(join(folder, 'checkpoints'), checkpoint);
      try {
        writeFileSync(join(folder, 'ballast'), Buffer.alloc(128 * 1024));
      } catch {
        // that was the point
      }
      expect(() => takeLevelLock(folder)).toThrow(
        fileWrite(join(folder, 'lock.json'), 'ENOSPC') as Error,
      );
      const store = join(folder, 'images.bin');
      await expect(writeImageStore(store, toyDataset())).rejects.toThrow(
        fileWrite(store, 'ENOSPC') as Error,
      );
      await expect(
        createRun({ folder: join(folder, 'demo'), config: {}, manifest }),
      ).rejects.toThrow(fileWrite(join(folder, 'demo'), 'ENOSPC') as Error);
      mount('-o', 'remount,ro', folder);
      expect(() => takeLevelLock(folder)).toThrow(
        fileWrite(join(folder, 'lock.json'), 'EROFS') as Error,
      );
      expect(readdirSync(folder)).not.toContain('lock.json');
    } finally {
      spawnSync('umount', [folder]);
    }
  });
});

/** The reason if it failed. */
function mount(...options: string[]): string | null {
  const { status, stderr, error } = spawnSync('mount', options, { encoding: 'utf8' });
  return status === 0 ? null : (error?.message ?? stderr.trim());
}
