import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { describeDriver, driverFiles, hasLoader } from './vulkan-drivers.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lapyra-vulkan-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('driverFiles', () => {
  it('takes the files that the environment names, and no others', () => {
    const env = { VK_ICD_FILENAMES: '/a.json:/b.json', VK_ADD_DRIVER_FILES: '/c.json' };
    expect(driverFiles(env)).toEqual(['/a.json', '/b.json', '/c.json']);
    expect(driverFiles({ ...env, VK_DRIVER_FILES: '/d.json' })).toEqual(['/d.json', '/c.json']);
  });

  it('looks into the folders of user and system', () => {
    for (const [place, file] of [
      ['data', 'card.json'],
      ['home/.config', 'own.json'],
      ['home/.config', 'read.me'],
    ] as const) {
      mkdirSync(join(folder, place, 'vulkan/icd.d'), { recursive: true });
      writeFileSync(join(folder, place, 'vulkan/icd.d', file), '{}');
    }
    const env = { HOME: join(folder, 'home'), XDG_DATA_DIRS: join(folder, 'data') };
    const ours = driverFiles(env).filter((file) => file.startsWith(folder));
    expect(ours).toEqual([
      join(folder, 'home/.config/vulkan/icd.d/own.json'),
      join(folder, 'data/vulkan/icd.d/card.json'),
    ]);
  });
});

describe('hasLoader', () => {
  it('asks the cache of the linker', () => {
    expect(hasLoader('…libvulkan.so.1\0/usr/lib/libvulkan.so.1\0')).toBe(true);
    expect(hasLoader('…libz.so.1\0/usr/lib/libz.so.1\0')).toBe(false);
    expect(hasLoader('')).toBe(true);
  });
});

describe('describeDriver', () => {
  const maps = (...files: string[]): string =>
    files.map((file) => `7f00-7f10 r-xp 00000000 08:01 42    ${file}`).join('\n');

  it('says it where a driver computes in software', () => {
    const swiftshader = maps('/usr/lib/libc.so.6', '/usr/lib/chromium/libvk_swiftshader.so');
    expect(describeDriver(swiftshader, [])).toBe('Vulkan on SwiftShader: in software, for tests');
    expect(describeDriver(maps('/usr/lib/libvulkan_lvp.so'), [])).toContain(
      'llvmpipe: in software',
    );
  });

  it('names the cards that it knows, and the drivers of which one is at work', () => {
    expect(
      describeDriver(maps('/usr/lib/libGLX_nvidia.so.550.54', '/usr/lib/libvulkan_lvp.so'), [
        'NVIDIA H100',
      ]),
    ).toBe('Vulkan, NVIDIA H100, driver nvidia or vulkan_lvp');
    expect(describeDriver(maps('/usr/lib/libvulkan_radeon.so'), [])).toBe(
      'Vulkan, driver vulkan_radeon',
    );
    expect(describeDriver(maps('/usr/lib/libvulkan.so.1'), [])).toBe('Vulkan');
  });
});
