import { describe, expect, it } from 'vitest';
import { checkConfig } from './check-config.js';
import { resolveConfig } from './resolved-config.js';

describe('resolveConfig', () => {
  it('fills in the defaults of a level, each on its own', () => {
    const plugin = { use: 'lapyra-x#some', options: {} };
    const level = { size: 8, steps: 100, model: plugin };
    const given = {
      data: { from: plugin },
      transform: plugin,
      levels: [level, { ...level, size: 14, nearest: { k: 4 } }],
    };
    const { levels } = resolveConfig(checkConfig(given, 'config'), {
      name: 'x',
      versionOf: () => '1.0.0',
    });
    expect(levels[0]).toMatchObject({
      name: '8',
      checkpointEvery: 10,
      scoreEvery: 20,
      scoreImages: 1000,
      nearest: { k: 16, images: 200 },
    });
    expect(levels[1]!.nearest).toEqual({ k: 4, images: 200 });
  });

  it('keeps the hashes of the files that options name, where there are any', () => {
    const plain = { use: 'lapyra-x#some', options: {} };
    const file = { use: 'lapyra-x#file', options: { file: 'net.onnx' } };
    const given = {
      data: { from: plain },
      transform: plain,
      levels: [{ size: 8, steps: 1, model: file }],
    };
    const { levels, transform } = resolveConfig(checkConfig(given, 'config'), {
      name: 'x',
      versionOf: () => '1.0.0',
      filesOf: ({ use }) => (use === file.use ? { file: 'abc' } : {}),
    });
    expect(levels[0]!.model).toEqual({ ...file, version: '1.0.0', files: { file: 'abc' } });
    expect(transform).toEqual({ ...plain, version: '1.0.0' });
  });
});
