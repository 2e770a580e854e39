// What a newcomer does, in order: init, plan, train, status, sample, export, sample again.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { decodeImage, encodePng, imageGrid, type Picture } from '@lapyra/images';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PRESETS } from '../src/presets.js';
import { createTestProject, type Ended, repository, type TestProject } from './test-project.js';

const PROJECT = 'pyramid';
let project: TestProject;
beforeAll(() => {
  project = createTestProject();
});
afterAll(() => project.remove());

const lapyra = (...args: readonly string[]): Promise<Ended> =>
  project.lapyra(args, { in: PROJECT });
const ask = (...args: readonly string[]): Promise<Ended> => project.ask(args, { in: PROJECT });

/** The quick preset on the images of the test project, with networks that take a moment instead of minutes. */
const settings = [
  'data.from.options.source=folder',
  'data.from.options.folder=../images',
  'levels.8.model.options.generator.hidden=[16,16]',
  'levels.8.model.options.discriminator.hidden=[16,16]',
  'levels.14.model.options.width=4',
  'levels.14.model.options.discriminator.layers=[{"kernel":4,"stride":2}]',
  'levels.28.model.options.width=4',
  'levels.28.model.options.discriminator.layers=[{"kernel":4,"stride":2}]',
  ...[8, 14, 28].flatMap((size) => [
    `levels.${size}.model.options.batch={"real":4,"generated":4,"generator":4}`,
    `levels.${size}.scoreImages=32`,
  ]),
].flatMap((setting) => ['--set', setting]);
const changes = [...settings, '--steps', '20'];

/** The images of a folder of single files, in the order of their names. */
async function single(folder: string): Promise<readonly Picture[]> {
  const names = readdirSync(project.path(PROJECT, folder)).toSorted();
  return Promise.all(
    names
      .filter((name) => name.endsWith('.png'))
      .map((name) => decodeImage(project.path(PROJECT, folder, name))),
  );
}

function differences(a: readonly Picture[], b: readonly Picture[]): number[] {
  expect(a.length).toBe(b.length);
  return a.map(({ pixels }, index) =>
    pixels.reduce((most, value, at) => Math.max(most, Math.abs(value - b[index]!.pixels[at]!)), 0),
  );
}

describe('the path of a newcomer', () => {
  it('init makes a project and overwrites nothing', async () => {
    const first = await project.lapyra(['init', PROJECT]);
    expect(first).toMatchObject({ code: 0, stderr: '' });
    expect(first.stdout).toContain('npx lapyra train');
    const config = readFileSync(project.path(PROJECT, 'lapyra.config.ts'), 'utf8');
    expect(config).toContain('export default defineConfig({');
    const again = await project.lapyra(['init', PROJECT]);
    expect(again.code).toBe(1);
    expect(again.stderr).toContain('init: expected a folder without a config');
    expect(again.stderr).toContain('(LAPYRA_INIT_EXISTS)');
    for (const preset of PRESETS.filter((name) => name !== 'cifar10-quick')) {
      const other = await project.lapyra(['init', preset, '--preset', preset, '--json']);
      const { written } = JSON.parse(other.stdout) as { written: string[] };
      expect(written.every((file) => existsSync(file))).toBe(true);
      expect(written).toHaveLength(3);
      const [template, manifest] = written.map((file) => readFileSync(file, 'utf8'));
      const { dependencies } = JSON.parse(manifest!) as { dependencies: object };
      const imported = [...template!.matchAll(/from '([^']+)'/g)].map(([, name]) => name!);
      expect(Object.keys(dependencies)).toEqual(expect.arrayContaining(imported));
      expect(Object.keys(dependencies)).toContain('@lapyra/backend-onnxruntime');
    }
  });

  it('plan says what training will be', async () => {
    const shown = await lapyra('plan', ...changes);
    expect(shown.code).toBe(0);
    expect(shown.stdout).toContain('cifar10-quick: CIFAR-10, 400 training images');
    expect(shown.stdout).toMatch(/backend onnxruntime-cpu on .+/);
    expect(shown.stdout).toMatch(/^ +14 {2}8 → 14 {3}level-adversarial#refine/m);
    const { stdout, code } = await lapyra('plan', ...changes, '--json');
    expect(code).toBe(0);
    const plan = JSON.parse(stdout) as {
      entropyBits: number;
      levels: { name: string; parameters: number; memory: number; cost: { flop: number } }[];
    };
    expect(plan.levels.map(({ name }) => name)).toEqual(['8', '14', '28']);
    // 100 uniform numbers, then one plane a refining level: one bit each.
    expect(plan.entropyBits).toBe(100 + 14 * 14 + 28 * 28);
    const [first, second, third] = plan.levels;
    // Generator: noise plane and three colours → 4 planes by 5×5, 4 → 4 by 3×3, 4 → 3 by 3×3.
    const generator = 4 * 4 * 25 + 4 + 4 * 4 * 9 + 4 + 4 * 3 * 9 + 3;
    // Discriminator: 3 → 4 planes by 4×4 with stride 2, then all of them → 1.
    const discriminator = (side: number): number => 3 * 4 * 16 + 4 + side * side * 4 + 1;
    expect(second!.parameters).toBe(generator + discriminator(6));
    expect(third!.parameters).toBe(generator + discriminator(13));
    // 100 → 16 → 16 → 192 with batch norm, whose scale and shift replace the biases; 192 → 16 → 16 → 1.
    const dense = 100 * 16 + 32 + 16 * 16 + 32 + 16 * 192 + 192;
    expect(first!.parameters).toBe(dense + 192 * 16 + 16 + 16 * 16 + 16 + 16 + 1);
    for (const { cost, memory } of plan.levels) {
      expect(cost.flop).toBeGreaterThan(1e5);
      expect(memory).toBeGreaterThan(50 * 2 ** 20); // no process with an engine is smaller
    }
    expect(existsSync(project.path(PROJECT, 'runs'))).toBe(false);
  });

  it('train trains every level and says how good it became', async () => {
    const { code, stdout, stderr } = await lapyra('train', ...changes);
    expect(stderr).not.toContain('error');
    expect(code).toBe(0);
    for (const size of [8, 14, 28]) {
      expect(stdout).toMatch(new RegExp(`^ *${size} {2}done +20/20 `, 'm'));
      expect(stderr).toMatch(new RegExp(`^level ${size}: done, step 20/20, .*score `, 'm'));
      const folder = project.path(PROJECT, `runs/cifar10-quick/levels/${size}`);
      expect(readdirSync(folder).toSorted()).toEqual([
        'baselines.json',
        'checkpoints',
        'level.json',
        'metrics.jsonl',
        'samples',
      ]);
      const rows = readFileSync(`${folder}/metrics.jsonl`, 'utf8').trim().split('\n');
      const steps = rows.map((row) => JSON.parse(row) as { step: number; g?: number });
      expect(steps.filter(({ g }) => g !== undefined).map(({ step }) => step)).toEqual(
        Array.from({ length: 20 }, (_, index) => index + 1),
      );
    }
    expect(stdout).toContain('draw images with: lapyra sample');
  });

  it('status says how far it is', async () => {
    const shown = await lapyra('status');
    expect(shown.code).toBe(0);
    expect(shown.stdout).toMatch(/^ +28 {2}done +20\/20 .* upsampled .* real /m);
    const { stdout } = await lapyra('status', 'cifar10-quick', '--json');
    const { levels } = JSON.parse(stdout) as { levels: { state: string; step: number }[] };
    expect(levels.map(({ state, step }) => [state, step])).toEqual([
      ['done', 20],
      ['done', 20],
      ['done', 20],
    ]);
  });

  it('sample draws a grid of the same images that it writes one by one', async () => {
    const grid = await lapyra('sample', '-n', '6');
    expect(grid).toMatchObject({ code: 0, stderr: '' });
    expect(grid.stdout).toContain('wrote runs/cifar10-quick/samples/seed-1.png');
    const files = await lapyra('sample', '-n', '6', '--seed', '1', '--out', 'one');
    expect(files.stdout).toContain('6 files in one');
    const images = await single('one');
    expect(images.map(({ size }) => size)).toEqual(Array.from({ length: 6 }, () => [28, 28]));
    const pixels = Uint8Array.from(images.flatMap((image) => [...image.pixels]));
    const expected = imageGrid({ images: pixels, size: [28, 28], channels: 3, scale: 2 });
    expect(await drawn('runs/cifar10-quick/samples/seed-1.png')).toEqual(expected);
    // Six different images, each with more than one colour.
    expect(new Set(images.map((image) => image.pixels.join())).size).toBe(6);
    expect(images.every((image) => new Set(image.pixels).size > 10)).toBe(true);
  });

  it('sample is reproducible: an image depends on seed and place, not on how many are drawn', async () => {
    await lapyra('sample', '-n', '3', '--out', 'fewer');
    await lapyra('sample', '-n', '3', '--seed', '2', '--out', 'other');
    const images = (await single('one')).slice(0, 3);
    expect(differences(await single('fewer'), images)).toEqual([0, 0, 0]);
    for (const difference of differences(await single('other'), images))
      expect(difference).toBeGreaterThan(10);
  });

  it('sample --reroll keeps the coarse image and redraws the detail', async () => {
    const options = ['-n', '3', '--all-levels'];
    await ask('sample', ...options, '--out', 'before');
    const { code } = await ask('sample', ...options, '--reroll', '28=5', '--out', 'after');
    expect(code).toBe(0);
    for (const size of ['8', '14'])
      expect(differences(await single(`before/${size}`), await single(`after/${size}`))).toEqual([
        0, 0, 0,
      ]);
    for (const difference of differences(await single('before'), await single('after')))
      expect(difference).toBeGreaterThan(3);
  });

  it('sample --from refines a given picture', async () => {
    const coarse = (await single('before/8'))[0]!;
    project.write(`${PROJECT}/coarse.png`, await encodePng(coarse));
    const from = await ask(
      ...['sample', '-n', '2', '--from', 'coarse.png', '--all-levels', '--out', 'refined'],
    );
    expect(from.code).toBe(0);
    // The start is the picture itself, and each image refines it in its own way.
    for (const image of await single('refined/8'))
      expect(differences([image], [coarse])).toEqual([0]);
    const [one, two] = await single('refined');
    expect(one!.pixels).not.toEqual(two!.pixels);
    // A larger picture of any shape is cut and taken down: here an even one, which stays even.
    const even = new Uint8Array(40 * 60 * 3).fill(200);
    project.write(
      `${PROJECT}/even.png`,
      await encodePng({ size: [40, 60], channels: 3, pixels: even }),
    );
    await ask(...['sample', '-n', '1', '--from', 'even.png', '--all-levels', '--out', 'evened']);
    const [start] = await single('evened/8');
    expect(new Set(start!.pixels)).toEqual(new Set([200]));
    const missing = await ask('sample', '--from', 'nothing.png');
    expect(missing.code).toBe(1);
    expect(missing.stderr).toContain('nothing.png');
  });

  it('sample --range stretched spreads each image from 0 to 255', async () => {
    const { stdout } = await ask('sample', '-n', '4', '--range', 'stretched', '--out', 'wide');
    expect(stdout).toContain('each image stretched to its own range');
    for (const { pixels } of await single('wide')) {
      expect(Math.min(...pixels)).toBe(0);
      expect(Math.max(...pixels)).toBe(255);
    }
    const plain = await ask('sample', '-n', '1', '--range', 'dewhitened', '--out', 'plain.png');
    expect(plain.stdout).toContain('colours of the training images');
  });

  it('export writes files that draw the same images', async () => {
    const exported = await ask('export', '--out', 'shipped', '--fused');
    expect(exported).toMatchObject({ code: 0, stderr: '' });
    const names = [
      'level-14.onnx',
      'level-28.onnx',
      'level-8.onnx',
      'manifest.json',
      'pyramid.onnx',
    ];
    expect(readdirSync(project.path(PROJECT, 'shipped')).toSorted()).toEqual(names);
    for (const name of names) expect(exported.stdout).toContain(`wrote shipped/${name} (`);
    const sampled = await ask('sample', 'shipped', '-n', '6', '--out', 'again');
    expect(sampled.code).toBe(0);
    for (const difference of differences(await single('again'), await single('one')))
      expect(difference).toBeLessThanOrEqual(1);
    const { stdout } = await ask('export', '--out', 'shipped', '--json'); // replaces its own work
    const { manifest } = JSON.parse(stdout) as { manifest: { levels: object[]; fused: unknown } };
    expect(manifest.levels).toHaveLength(3);
    expect(manifest.fused).toBeNull();
    const refused = await ask('export', '--out', 'runs');
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain('(LAPYRA_EXPORT_FOLDER)');
  });

  it('leaves nothing half-written', () => {
    const all = readdirSync(project.path(PROJECT), { recursive: true, encoding: 'utf8' });
    expect(all.filter((name) => /\.tmp-|\.draft-|lock.*json|\.mjs$/.test(name))).toEqual([]);
    expect(readdirSync(repository)).not.toContain('runs');
  });
});

async function drawn(file: string): Promise<Picture> {
  return decodeImage(project.path(PROJECT, file));
}
