import { mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readNpyHeader, readNumbers } from './npy-file.js';

// What NumPy 2.4 writes for numpy.save(file, numpy.array([[1, 2], [3, 4]], dtype='<f4')).
const SAVED =
  'k05VTVBZAQB2AHsnZGVzY3InOiAnPGY0JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDIsIDIpLCB9ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAIA/AAAAQAAAQEAAAIBA';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lapyra-npy-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function header(bytes: Uint8Array): Promise<Awaited<ReturnType<typeof readNpyHeader>>> {
  await writeFile(join(folder, 'a.npy'), bytes);
  const file = await open(join(folder, 'a.npy'));
  try {
    return await readNpyHeader(file);
  } finally {
    await file.close();
  }
}

describe('readNpyHeader', () => {
  it('reads what NumPy writes', async () => {
    expect(await header(Buffer.from(SAVED, 'base64'))).toEqual({
      shape: [2, 2],
      start: 128,
      bytes: 4,
    });
    const file = await open(join(folder, 'a.npy'));
    const array = { shape: [2, 2], start: 128, bytes: 4 } as const;
    expect([...(await readNumbers(file, array, 1, 3))]).toEqual([2, 3, 4]);
    await file.close();
  });

  it('reads the longer header of versions 2 and 3', async () => {
    const saved = Buffer.from(SAVED, 'base64');
    const length = Buffer.alloc(4);
    length.writeUInt32LE(saved.readUInt16LE(8));
    for (const version of [2, 3]) {
      const bytes = Buffer.concat([saved.subarray(0, 8), length, saved.subarray(10)]);
      bytes.writeUInt8(version, 6);
      expect(await header(bytes)).toEqual({ shape: [2, 2], start: 130, bytes: 4 });
    }
  });

  it('says what is wrong', async () => {
    const saved = Buffer.from(SAVED, 'base64');
    const changed = (from: string, to: string): Buffer =>
      Buffer.from(saved.toString('latin1').replace(from, to), 'latin1');
    expect(await header(saved.subarray(0, 8))).toBe('no NumPy file');
    expect(await header(saved.subarray(0, 100))).toBe('a file that was cut off');
    expect(await header(saved.subarray(0, 140))).toBe('140 bytes instead of 144');
    expect(await header(changed('\u0001', '\u0009'))).toBe('version 9 of the format');
    expect(await header(changed("'descr'", "'descx'"))).toMatch(
      /^a header without type, order and shape: \{'descx'/,
    );
    expect(await header(changed('<f4', '>f4'))).toBe("numbers of type '>f4'");
  });
});
