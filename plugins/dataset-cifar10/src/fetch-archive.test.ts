import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fetchArchive } from './fetch-archive.js';
import { CIFAR10_PUBLICATION } from './publication.js';

// Answers /silent never, and /stalled with the first bytes only.
const server = createServer((request, response) => {
  if (request.url === '/stalled') response.write('first bytes');
});
let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lapyra-archive-'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await rm(folder, { recursive: true });
});

describe('fetchArchive', () => {
  it('waits neither for a silent host nor for a stalled one', async () => {
    const { port } = server.address() as AddressInfo;
    const fetchFrom = (path: string): Promise<void> => {
      const archive = { ...CIFAR10_PUBLICATION.archive, url: `http://127.0.0.1:${port}${path}` };
      const context = { signal: new AbortController().signal, progress: () => undefined };
      const patience = { connect: 200, stall: 100 };
      return fetchArchive({ ...CIFAR10_PUBLICATION, archive }, folder, context, patience);
    };
    await expect(fetchFrom('/silent')).rejects.toThrow(/^no answer for 0\.2 s$/);
    await expect(fetchFrom('/stalled')).rejects.toThrow(/^nothing sent for 0\.1 s$/);
  });
});
