// What can be measured of images before training, and of a level's noise after it.
import { readFileSync } from 'node:fs';
import { decodeImage } from '@lapyra/images';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestProject, repository, type TestProject } from './test-project.js';
import { tinyConfig } from './tiny-config.js';
import { createTrainedProject } from './trained-project.js';

let project: TestProject;
beforeAll(() => {
  project = createTestProject();
  project.configure(tinyConfig());
});
afterAll(() => project.remove());

interface Shown {
  readonly written: string;
  readonly bits: number;
  readonly directBits: number;
  readonly rawBits: number;
  readonly entropyBits: number;
  readonly protocol: string;
  readonly levels: readonly {
    readonly name: string;
    readonly bits: number;
    readonly predictable: number | null;
    readonly entropyBits: number;
  }[];
}

describe('preview', () => {
  it('says what the bands of the images hold, without training', async () => {
    const { code, stdout, stderr } = await project.ask(['preview', '--images', '60']);
    expect({ code, stderr: stderr.includes('error') }).toEqual({ code: 0, stderr: false });
    expect(stdout).toContain('tiny: CIFAR-10, 400 training images, crops of 14 with 3 channels');
    expect(stdout).toMatch(/^level +place +deviation +kurtosis +small +predictable +alone /m);
    expect(stdout).toMatch(/^ +14 {2}8 → 14( +[\d.]+){7}( +[\d ]+){2}$/m);
    expect(stdout).toContain('wrote preview.png');
    expect(() => readFileSync(project.path('runs'))).toThrow('ENOENT');
  });

  it('is a JSON document, if asked for, whose levels add up', async () => {
    const { code, stdout } = await project.ask([
      'preview',
      '--images',
      '60',
      '--json',
      '--out',
      'apart/some.png',
    ]);
    expect(code).toBe(0);
    const shown = JSON.parse(stdout) as Shown;
    expect(shown.protocol).toBe(
      'box-bilinear, middle crops of 14×14; learned from 60 training images, measured on 60 validation images, seed 1',
    );
    expect(shown.rawBits).toBe(8 * 14 * 14 * 3);
    expect(shown.levels.map(({ name, entropyBits }) => [name, entropyBits])).toEqual([
      ['8', 100],
      ['14', 196],
    ]);
    expect(shown.entropyBits).toBe(296);
    expect(shown.bits).toBeCloseTo(shown.levels[0]!.bits + shown.levels[1]!.bits, 6);
    // More than the best models of such images need, less than no code at all.
    for (const bits of [shown.bits, shown.directBits]) {
      expect(bits).toBeGreaterThan(2.8 * 14 * 14 * 3);
      expect(bits).toBeLessThan(shown.rawBits);
    }
    expect(shown.levels[1]!.predictable).toBeGreaterThan(0);
    expect(shown.levels[1]!.predictable).toBeLessThan(0.9);
    expect(shown.written).toBe(project.path('apart/some.png'));
  });

  it('draws some images taken apart, the finest as they are', async () => {
    await project.ask(['preview', '--images', '60', '--out', 'drawn.png']);
    const picture = await decodeImage(project.path('drawn.png'), { channels: 3 });
    // Rows 14, band 14 and 8 of eight images: each enlarged to 5 · 14 pixels, 2 between them and around.
    const scale = 5;
    expect(picture.size[0]).toBe(3 * (14 * scale + 2) + 2);
    const right = picture.size[1] - 8 * (14 * scale + 2);
    const pixel = (row: number, image: number, y: number, x: number): number[] => {
      const top = 2 + row * (14 * scale + 2) + y * scale;
      const at = (top * picture.size[1] + right + image * (14 * scale + 2) + x * scale) * 3;
      return [...picture.pixels.subarray(at, at + 3)];
    };
    // 336 training images, every 42nd of them; the middle crop of 32×32 begins at 9.
    const records = readFileSync(`${repository}packages/testing/fixtures/cifar10-512.bin`);
    for (const [image, y, x] of [
      [0, 0, 0],
      [3, 13, 5],
      [7, 6, 13],
    ] as const) {
      // A record is a label and three planes of 32×32.
      const at = 42 * image * 3073 + 1 + (9 + y) * 32 + 9 + x;
      expect(pixel(0, image, y, x)).toEqual([0, 1, 2].map((plane) => records[at + plane * 1024]));
      // Bands lie about a middle grey.
      for (const value of pixel(1, image, y, x)) expect(Math.abs(value - 128)).toBeLessThan(127);
    }
  });

  it('refuses what it cannot do', async () => {
    const one = await project.ask(['preview', '--images', '1']);
    expect(one.code).toBe(2);
    expect(one.stderr).toContain('expected a whole number of at least 2');
    const other = await project.ask(['preview', '--out', 'picture.jpg']);
    expect(other.code).toBe(1);
    expect(other.stderr).toContain("preview: expected a .png file to write, got 'picture.jpg'.");
  });
});

interface Report {
  readonly levels: readonly {
    readonly name: string;
    readonly share: number;
    readonly byNoise: number;
    readonly byCoarse: number;
    readonly real: number;
    readonly realAtMost: number | null;
    readonly images: number;
    readonly redraws: number;
    readonly entropyBits: number;
    readonly pixels: number;
    readonly step: number;
  }[];
}

describe('noise', () => {
  let trained: TestProject;
  beforeAll(() => {
    trained = createTrainedProject();
  });
  afterAll(() => trained.remove());

  it('needs a trained run', async () => {
    const none = await project.ask(['noise']);
    expect(none.code).toBe(1);
    expect(none.stderr).toContain('LAPYRA_RUN_UNKNOWN');
  });

  it('says how much of the bands drawn is due to the noise', async () => {
    const shown = await trained.ask(['noise', '--images', '32', '--redraws', '4']);
    expect({ code: shown.code, stderr: shown.stderr.includes('error') }).toEqual({
      code: 0,
      stderr: false,
    });
    expect(shown.stdout).toContain('runs/tiny: 4 draws from each of 32 true coarse images, with ');
    expect(shown.stdout).toMatch(/^ +14 {2}8 → 14 +196 +196 +[\d.e-]+ +0\.\d+ +[\d.e-]+$/m);
    const { stdout } = await trained.ask([
      ...['noise', 'tiny', '--level', '14', '--images', '32', '--redraws', '4', '--json'],
    ]);
    const { levels } = JSON.parse(stdout) as Report;
    expect(levels).toHaveLength(1);
    const [level] = levels;
    expect(level).toMatchObject({ name: '14', images: 32, redraws: 4, step: 20 });
    expect(level).toMatchObject({ entropyBits: 196, pixels: 196 });
    // A level that has hardly learned takes its noise plane like a colour: some, not all of its band.
    expect(level!.share).toBeGreaterThan(0);
    expect(level!.share).toBeLessThan(1);
    expect(level!.share).toBeCloseTo(level!.byNoise / (level!.byNoise + level!.byCoarse), 12);
    expect(level!.real).toBeGreaterThan(0);
    expect(level!.realAtMost).toBeGreaterThan(0.3);
    expect(level!.realAtMost).toBeLessThanOrEqual(1);
  });

  it.each<[design: object, variables: number, share: (share: number) => boolean]>([
    [{ design: 'none' }, 0, (share) => share === 0],
    // 20 steps from gain 0: hardly any of it is used yet, but some is.
    [{ design: 'low-rank', rank: 3, gain: 0 }, 3, (share) => share > 0 && share < 0.1],
    [{ design: 'hashed', variables: 5 }, 5, (share) => share > 0 && share < 1],
  ])('knows the design %j', async (design, variables, isExpected) => {
    const name = `with-${variables}`;
    const set = `levels.14.model.options.noise=${JSON.stringify(design)}`;
    const made = await trained.ask([...['train', '--level', '14', '--name', name, '--set', set]]);
    expect(made.code).toBe(0);
    const measured = ['--level', '14', '--images', '32', '--redraws', '4', '--json'];
    const { stdout } = await trained.ask(['noise', name, ...measured]);
    const [level] = (JSON.parse(stdout) as Report).levels;
    expect(level).toMatchObject({ noiseVariables: variables, entropyBits: variables });
    expect(level!.share).toSatisfy(isExpected);
  });

  it('refuses unknown levels, and images other than those of the run', async () => {
    const level = await trained.ask(['noise', '--level', '15']);
    expect(level.code).toBe(1);
    expect(level.stderr).toContain("level: expected one of 8, 14, got '15'.");
    const bytes = readFileSync(trained.path('images/data_batch_1.bin'));
    bytes[100] = (bytes[100] ?? 0) ^ 1;
    trained.write('images/data_batch_1.bin', bytes);
    const other = await trained.ask(['noise', 'tiny']);
    expect(other.code).toBe(1);
    expect(other.stderr).toMatch(
      /run tiny: expected the images that it was started with \(.*\), got others/,
    );
  });
});
