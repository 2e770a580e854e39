// The programs that the documentation shows: they type-check, do what is said of them, and are shown as they are.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { onnxruntimeCpu } from '@lapyra/backend-onnxruntime';
import { initialState, levelProgram, storeWhitening } from '@lapyra/core';
import { dense, refine } from '@lapyra/level-adversarial';
import { fusedPyramid } from '@lapyra/nn';
import { boxBilinear } from '@lapyra/transform-laplacian';
import { describe, expect, it } from 'vitest';
import { drawFromExport } from '../../docs/snippets/draw-from-export.js';
import { drawFused } from '../../docs/snippets/draw-fused.js';
import everyKey from '../../docs/snippets/every-key.js';
import { codeBlocks, read, repositoryFiles } from './markdown.mjs';
import { root } from './run.mjs';

const SIZES = [
  [8, 8],
  [14, 14],
  [28, 28],
];
const transform = await boxBilinear.plugin.create({}, undefined);
const openEngine = async () =>
  (await onnxruntimeCpu.plugin.create({}, undefined)).open({ threads: 1 });

async function makeLevel({ plugin }, options, index) {
  const { value } = await plugin.options['~standard'].validate(options);
  return plugin.create(value, {
    size: SIZES[index],
    coarse: SIZES[index - 1] ?? null,
    channels: 3,
    condition: { kind: 'none' },
    transform: 'box-bilinear',
  });
}

describe('a block of TypeScript in the documentation', () => {
  const sources = repositoryFiles(
    'docs/snippets/*.ts',
    'apps/cli/templates/*.ts',
    'packages/gan/test/example.ts',
    'packages/nn/test/example.ts',
  ).map((file) => read(file));
  const shown = repositoryFiles('*.md')
    .filter((file) => !/^(?:plugins|packages\/tfjs-onnx)\//.test(file))
    .flatMap((file) => codeBlocks(file, 'ts').map((block) => ({ file, ...block })));

  it.each(shown)('$file:$line is part of a program that is checked', ({ text }) => {
    expect(sources.some((source) => source.includes(text))).toBe(true);
  });

  it('type-checks', () => {
    const tsc = join(root, 'node_modules/typescript/bin/tsc');
    const { stdout } = spawnSync(
      process.execPath,
      [tsc, '-p', 'docs/snippets', '--pretty', 'false'],
      {
        cwd: root,
        encoding: 'utf8',
      },
    );
    // Mistakes elsewhere are found by the type check of their package.
    expect(stdout.split('\n').filter((line) => line.startsWith('docs/'))).toEqual([]);
  });
});

describe('the level of docs/writing-a-level.md', async () => {
  await import('../../docs/snippets/lapyra-level-regress/test/conformance.test.js');
});

describe('the suite of docs/conformance.md', async () => {
  await import('../../docs/snippets/conformance.js');
});

describe('an exported folder', async () => {
  const files = await exportTiny();
  const readFile = async (file) => files.get(file);

  it('is drawn from as docs/snippets/draw-from-export.ts shows', async () => {
    const one = await drawFromExport(readFile, 1, 5);
    const three = await drawFromExport(readFile, 3, 5);
    expect(three.length).toBe(3 * 28 * 28 * 3);
    expect([...three.subarray(0, one.length)].every((x, i) => Math.abs(x - one[i]) <= 1)).toBe(
      true,
    );
    expect(new Set(three).size).toBeGreaterThan(20);
    expect(await drawFromExport(readFile, 1, 6)).not.toEqual(one);
  });

  it('has a fused file that is run as docs/snippets/draw-fused.ts shows', async () => {
    const { z, file } = JSON.parse(new TextDecoder().decode(files.get('manifest.json'))).fused;
    const noise = Float32Array.from({ length: 2 * z }, (_, i) => Math.sin(i) * 1.4);
    const image = await drawFused(files.get(file), noise, 2);
    expect([image.type, image.dims]).toEqual(['uint8', [2, 3, 28, 28]]);
    expect(new Set(image.data).size).toBeGreaterThan(20);
  });
});

describe('docs/configuration.md', () => {
  const text = read('docs/configuration.md');
  const undocumented = (keys) => [...new Set(keys)].filter((key) => !text.includes(`| \`${key}\``));

  it('lists every key of a config', () => {
    const keys = keysOf(everyKey, '');
    expect(keys).toContain('levels[].checkpointEvery');
    expect(undocumented(keys)).toEqual([]);
  });

  it.each([dense, refine])('lists every option of $plugin.use', ({ plugin }) => {
    const keys = optionsOf(plugin.options, '');
    expect(keys).toContain('optimiser.momentumTo');
    expect(undocumented(keys)).toEqual([]);
  });
});

/** The paths of all keys of a config; levels are one list. */
function keysOf(value, path) {
  if (value === null || typeof value !== 'object' || 'use' in value) return [path];
  if (Array.isArray(value))
    return value.flatMap((item) => (typeof item === 'object' ? keysOf(item, `${path}[]`) : [path]));
  return Object.entries(value).flatMap(([key, item]) =>
    keysOf(item, path ? `${path}.${key}` : key),
  );
}

/** The paths of all keys of a valibot schema; items of lists are not looked into. */
function optionsOf(schema, path) {
  const inner =
    schema.wrapped ?? schema.pipe?.find((part) => part !== schema && part.kind === 'schema');
  if (inner) return optionsOf(inner, path);
  if (schema.type === 'variant') return schema.options.flatMap((one) => optionsOf(one, path));
  if (!schema.entries) return [path];
  return Object.entries(schema.entries).flatMap(([key, entry]) =>
    optionsOf(entry, path ? `${path}.${key}` : key),
  );
}

/** What `lapyra export --fused` writes, of levels that were never trained. */
async function exportTiny() {
  const levels = [
    await makeLevel(dense, { generator: { hidden: [8] }, discriminator: { hidden: [8] } }, 0),
    await makeLevel(refine, { width: 2 }, 1),
    await makeLevel(refine, { width: 2 }, 2),
  ];
  const whitening = {
    kind: 'channel',
    shape: [1, 1, 1, 3],
    mean: Float32Array.of(125, 121, 112),
    scale: Float32Array.of(62, 61, 65),
  };
  const engine = await openEngine();
  const files = new Map();
  const save = (file, bytes) => {
    files.set(file, bytes);
    return { file, sha256: createHash('sha256').update(bytes).digest('hex') };
  };
  const states = levels.map((level) => {
    const state = initialState(level.training.state, 1, String(level.place.size[0]));
    const map = Object.entries(level.training.samplerState);
    return Object.fromEntries(map.map(([name, from]) => [name, state[from]]));
  });
  const entries = [];
  for (const [index, { place, noise }] of levels.entries()) {
    const program = levelProgram(levels[index], transform.tensor);
    const name = String(place.size[0]);
    const { size, coarse } = place;
    const bytes = await engine.export(program, states[index]);
    entries.push({ name, size, coarse, noise, step: 0, ...save(`level-${name}.onnx`, bytes) });
  }
  const { program, slices } = fusedPyramid({ levels, transform: transform.tensor, whitening });
  const all = Object.assign(
    {},
    ...states.map((state, index) =>
      Object.fromEntries(
        Object.entries(state).map(([name, value]) => [`level-${SIZES[index][0]}.${name}`, value]),
      ),
    ),
  );
  const z = slices.reduce((sum, { length }) => sum + length, 0);
  const fused = { ...save('pyramid.onnx', await engine.export(program, all)), z, slices };
  await engine.dispose();
  const manifest = {
    format: 'lapyra-export',
    version: 1,
    name: 'tiny',
    transform: 'box-bilinear',
    channels: 3,
    condition: { kind: 'none' },
    whitening: storeWhitening(whitening),
    levels: entries,
    fused,
  };
  files.set('manifest.json', new TextEncoder().encode(JSON.stringify(manifest)));
  return files;
}
