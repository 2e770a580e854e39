import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fillCacheFolder, SourceFailure } from '@lapyra/datasets';
import { expectRefusal } from '@lapyra/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

let root = '';
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'lapyra-fill-'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

const fill = (
  work: (folder: string) => Promise<void>,
  cacheFolder = root,
  isThere = async (): Promise<boolean> => false,
): Promise<void> =>
  fillCacheFolder({ cacheFolder, name: 'set', title: 'The set', room: '2 MB', isThere }, work);

describe('fillCacheFolder', () => {
  it('shows the folder when it is whole, in place of an older one', async () => {
    await mkdir(join(root, 'set'));
    await writeFile(join(root, 'set', 'old'), 'old');
    await fill(async (folder) => {
      expect(await readdir(join(root, 'set'))).toEqual(['old']);
      await writeFile(join(folder, 'new'), 'new');
    });
    expect(await readdir(root)).toEqual(['set']);
    expect(await readdir(join(root, 'set'))).toEqual(['new']);
  });

  it('leaves what was there, and nothing else, if filling fails', async () => {
    await mkdir(join(root, 'set'));
    const failing = fill(async (folder) => {
      await writeFile(join(folder, 'half'), '');
      throw new SourceFailure('no network');
    });
    await expect(failing).rejects.toThrow('no network');
    expect(await readdir(root)).toEqual(['set']);
  });

  it('is content with what another process was faster to put there, and with nothing else', async () => {
    // Without its folder it cannot give it a name, as when the name is taken in the last moment.
    const taken = (folder: string): Promise<void> => rm(folder, { recursive: true });
    await fill(taken, root, async () => true);
    await expect(fill(taken, root, async () => false)).rejects.toThrow('ENOENT');
  });

  it('removes what was left a day ago, and nothing younger', async () => {
    for (const name of ['set-tmp-old', 'set-tmp-young', 'other-tmp-old'])
      await mkdir(join(root, name));
    const before = new Date(Date.now() - 25 * 3600 * 1000);
    for (const name of ['set-tmp-old', 'other-tmp-old'])
      await utimes(join(root, name), before, before);
    await fill(async () => undefined);
    expect((await readdir(root)).toSorted()).toEqual(['other-tmp-old', 'set', 'set-tmp-young']);
  });

  it('says that the cache cannot be written, also where a source failed of it', async () => {
    await writeFile(join(root, 'file'), '');
    const refused = await expectRefusal(
      fill(async () => undefined, join(root, 'file', 'cache')),
      'LAPYRA_DATASET_CACHE',
      'cache: expected a writable folder with room for about 2 MB while The set is fetched, got ENOTDIR.',
    );
    expect(refused.hint).toBe('Make room, or choose another cache folder.');
    const full = Object.assign(new Error('full'), { code: 'ENOSPC', syscall: 'write' });
    await expectRefusal(
      fill(() => Promise.reject(new SourceFailure('write failed', full))),
      'LAPYRA_DATASET_CACHE',
      'got ENOSPC',
    );
    const unreachable = Object.assign(new Error('x'), { code: 'EACCES', syscall: 'connect' });
    await expect(
      fill(() => Promise.reject(new SourceFailure('not reached', unreachable))),
    ).rejects.toThrow('not reached');
  });
});
