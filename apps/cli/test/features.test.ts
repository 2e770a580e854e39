// What a trained level knows of images: a linear classifier on its layers, beside one on pixels.
import { readCifar10Fixture } from '@lapyra/testing';
import { encodePng } from '@lapyra/images';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TestProject } from './test-project.js';
import { tinyConfig } from './tiny-config.js';
import { createTrainedProject } from './trained-project.js';

const fixture = readCifar10Fixture();

let project: TestProject;
beforeAll(() => {
  project = createTrainedProject();
});
afterAll(() => project.remove());

interface Classified {
  readonly width: number;
  readonly accuracy: number;
}

describe('lapyra features', () => {
  it('measures a linear classifier on a layer beside one on pixels, on test images', async () => {
    const flags = ['features', '--json', '--images', '40'];
    const { code, stdout, stderr } = await project.lapyra(flags);
    expect(code, stderr).toBe(0);
    const found = JSON.parse(stdout) as { features: Classified; pixels: Classified };
    expect(found).toMatchObject({
      level: '14',
      network: 'd',
      // Kernels of 5 without padding, the second with stride 2: 14 → 10 → 3; four planes.
      layer: 'act2',
      shape: [3, 3, 4],
      pooled: [3, 3, 4],
      images: { train: 40, test: 112 },
      features: { width: 36 },
      untrained: { width: 36 },
      pixels: { width: 588 },
    });
    const again = await project.ask(flags);
    expect(JSON.parse(again.stdout)).toEqual(found);
  });

  it('takes any level, network and layer, and larger maps as a grid', async () => {
    const flags = ['--level', '14', '--net', 'g', '--layer', 'conv1', '--images', '40'];
    const { code, stdout, stderr } = await project.ask(['features', ...flags]);
    expect(code, stderr).toBe(0);
    expect(stdout).toContain('40 training images, 112 test images');
    expect(stdout).toMatch(/^g conv1, 14×14×4 as 4×4×4 +64 +[\d.]+ %$/m);
    expect(stdout).toMatch(/^chance +10\.0 %$/m);
  });

  it.each([
    [
      ['--layer', 'cnv2'],
      "expected one of conv1, act1, conv2, act2, flat, drop, out, got 'cnv2'",
      'Did you mean conv2?',
    ],
    [['--net', 'D2'], "level 14: expected a network of d, g, got 'D2'", 'Did you mean d?'],
    [['--level', '15'], "level: expected one of 8, 14, got '15'", 'Did you mean 14?'],
    [
      ['--level', '8', '--net', 'g'],
      'level 8, network g: expected one that sees an image, got one that sees noise.z',
      'Use the discriminator',
    ],
  ])('refuses %j', async (flags, said, hint) => {
    const { code, stderr } = await project.ask(['features', ...flags]);
    expect(code).toBe(1);
    expect(stderr).toContain(said);
    expect(stderr).toContain(hint);
  });

  it('tells classes that are plain to see, and needs classes and images that were kept aside', async () => {
    const one = 32 * 32 * 3;
    // The same pictures, dark and bright, in folders that say so.
    for (let n = 0; n < 80; n += 1) {
      const kind = n % 2 === 0 ? 'dark' : 'bright';
      const pixels = fixture.pixels
        .slice(n * one, (n + 1) * one)
        .map((value) => value / 4 + (kind === 'dark' ? 0 : 190));
      const picture = await encodePng({ size: [32, 32], channels: 3, pixels });
      project.write(`classes/${kind}/${n}.png`, picture);
      project.write(`pictures/${n}.png`, picture);
    }
    const train = async (name: string, folder: string, options: object): Promise<void> => {
      const use = '@lapyra/dataset-image-folder#imageFolder';
      const config = tinyConfig({ name, steps: 2, checkpointEvery: 2 });
      project.configure({
        ...config,
        data: { from: { use, options: { folder, size: 32, ...options } }, crop: 14, validation: 8 },
        levels: config.levels.map((level) => ({ ...level, scoreImages: 4 })),
      });
      const { code, stderr } = await project.ask(['train', '--level', '14']);
      expect(code, stderr).toBe(0);
    };
    await train('classes', 'classes', { testFraction: 0.25 });
    const found = await project.ask(['features', 'classes', '--json']);
    expect(found.code, found.stderr).toBe(0);
    expect(JSON.parse(found.stdout)).toMatchObject({
      classes: ['bright', 'dark'],
      // All that there are: 80 pictures without a quarter for tests and 8 for validation.
      images: { train: 52, test: 20 },
      features: { accuracy: 1 },
      untrained: { accuracy: 1 },
      pixels: { accuracy: 1 },
    });
    await train('plain', 'pictures', {});
    const { code, stderr } = await project.ask(['features', 'plain']);
    expect(code).toBe(1);
    expect(stderr).toContain('got images without. (LAPYRA_REUSE_CLASSES)');
  });
});
