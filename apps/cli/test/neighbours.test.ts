// A model that copies a training image is found out: by pixels, whichever crop it copied, and by features.
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { decodeImage } from '@lapyra/images';
import { readCifar10Fixture } from '@lapyra/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type HandMadePackage, installHandMade } from './hand-made-plugins.js';
import { createTestProject, type TestProject } from './test-project.js';

const SIDE = 28;
const ONE = SIDE * SIDE * 3;
/** The copied crop: of training image 123, mirrored. */
const COPIED = { index: 123, view: { top: 3, left: 1, mirrored: true } };
const { pixels } = readCifar10Fixture();

/** Draws one given image for ever, some grey levels off. */
const COPYING_LEVEL: HandMadePackage = {
  lapyra: { contract: 2, plugins: { copying: 'level' } },
  code: `
import { definePlugin, vector } from '@lapyra/core';
import * as tf from '@tensorflow/tfjs-core';

const options = { '~standard': { version: 1, vendor: 'test', validate: (value) => ({ value }) } };

export const copying = definePlugin({
  kind: 'level',
  use: 'copying-level#copying',
  summary: 'a level that draws one image for ever',
  options,
  create({ pixels }, place) {
    const { mean, scale } = place.pixels;
    const image = pixels.map((value, at) => (value - mean[at % 3]) / scale[at % 3]);
    return {
      place,
      noise: { z: vector(1) },
      output: 'image',
      sampler: {
        name: 'copy',
        reads: [],
        writes: [],
        inputs: { 'noise.z': { dtype: 'float32', shape: [null, 1] } },
        outputs: { image: 'float32' },
        run: (_, inputs) => {
          const none = tf.reshape(tf.mul(inputs['noise.z'], 0), [-1, 1, 1, 1]);
          return { state: {}, outputs: { image: tf.add(tf.tensor(image, [1, ...place.size, 3]), none) } };
        },
      },
      training: null,
    };
  },
});
`,
};

let project: TestProject;
beforeAll(async () => {
  project = createTestProject(['copying-level', '@lapyra/features-cifar10']);
  installHandMade(project, 'copying-level', COPYING_LEVEL);
  project.configure({
    name: 'copies',
    data: {
      from: {
        use: '@lapyra/dataset-cifar10#cifar10',
        options: { source: 'folder', folder: 'images' },
      },
      crop: SIDE,
      flip: true,
      validation: 0,
    },
    transform: { use: '@lapyra/transform-laplacian#boxBilinear', options: {} },
    levels: [
      {
        size: SIDE,
        steps: 50, // which mean nothing to a level that has nothing to learn
        model: {
          use: 'copying-level#copying',
          options: { pixels: [...crop(COPIED.index, COPIED.view)].map((value) => value + 2) },
        },
      },
    ],
  });
  const { code, stderr } = await project.ask(['train']);
  expect(code, stderr).toBe(0);
});
afterAll(() => project.remove());

interface View {
  readonly top: number;
  readonly left: number;
  readonly mirrored: boolean;
}

function crop(index: number, { top, left, mirrored }: View): Uint8Array {
  return Uint8Array.from({ length: ONE }, (_, at) => {
    const y = Math.floor(at / (SIDE * 3));
    const x = Math.floor(at / 3) % SIDE;
    const column = left + (mirrored ? SIDE - 1 - x : x);
    return pixels[((index * 32 + top + y) * 32 + column) * 3 + (at % 3)]!;
  });
}

/** Every crop that training may have seen. */
const VIEWS: readonly View[] = Array.from({ length: 50 }, (_, at) => ({
  top: Math.floor(at / 10),
  left: Math.floor(at / 2) % 5,
  mirrored: at % 2 === 1,
}));

/** Σ (query − crop)², or some number of at least `most`. */
function squares(
  query: Uint8Array,
  index: number,
  { top, left, mirrored }: View,
  most: number,
): number {
  let sum = 0;
  for (let at = 0; at < ONE && sum < most; at += 1) {
    const x = Math.floor(at / 3) % SIDE;
    const row = index * 32 + top + Math.floor(at / (SIDE * 3));
    const from = (row * 32 + left + (mirrored ? SIDE - 1 - x : x)) * 3 + (at % 3);
    sum += (query[at]! - pixels[from]!) ** 2;
  }
  return sum;
}

interface Found {
  readonly from: string;
  readonly searched: number;
  readonly written: string;
  readonly by: readonly {
    readonly measure: string;
    readonly samples: readonly (readonly {
      readonly index: number;
      readonly view: View;
      readonly distance: number;
    }[])[];
    readonly keptAside: readonly (readonly {
      readonly index: number;
      readonly distance: number;
    }[])[];
    readonly summary: {
      readonly samples: { readonly least: number; readonly median: number };
      readonly keptAside: { readonly count: number; readonly twentieth: number };
      readonly nearer: number;
    };
  }[];
}

describe('lapyra neighbours', () => {
  let found: Found;
  beforeAll(async () => {
    const flags = ['--json', '-n', '3', '--nearest', '2', '--features', '--out', 'found.png'];
    const { code, stdout, stderr } = await project.ask(['neighbours', ...flags]);
    expect(code, stderr).toBe(0);
    found = JSON.parse(stdout) as Found;
  });

  it('finds what was copied, in pixels and in features, and shows it', async () => {
    const { by, searched, written } = found;
    expect(searched).toBe(400);
    expect(by.map(({ measure }) => measure)).toEqual(['pixels', 'CIFAR-10 classifier, pooled']);
    const [inPixels, inFeatures] = by;
    for (const [nearest, next] of inPixels!.samples) {
      expect(nearest).toEqual({ ...COPIED, distance: 2 }); // the grey levels that it is off
      expect(next!.index).not.toBe(COPIED.index);
      expect(next!.distance).toBeGreaterThan(20);
    }
    for (const [nearest] of inFeatures!.samples) expect(nearest!.index).toBe(COPIED.index);
    for (const { summary } of by) {
      expect(summary.keptAside.count).toBe(112);
      expect(summary.samples.median).toBeLessThan(summary.keptAside.twentieth);
      expect(summary.nearer).toBe(3);
    }
    // Three rows of a sample, a gap, two images, a gap, two images; twice as large as they are.
    const grid = await decodeImage(written);
    expect(grid.size).toEqual([3 * (2 * SIDE + 2) + 2, 7 * (2 * SIDE + 2) + 2]);
    const at = (row: number, column: number): number[] => {
      const [y, x] = [row, column].map((cell) => 2 + cell * (2 * SIDE + 2) + 30);
      return [...grid.pixels.subarray((y! * grid.size[1] + x!) * 3).subarray(0, 3)];
    };
    expect(at(1, 0)).toEqual(at(1, 2).map((value) => value + 2));
    expect(at(1, 1)).toEqual([255, 255, 255]);
  });

  it('measures images kept aside as a search through every crop of every image does', () => {
    const { keptAside } = found.by[0]!;
    const some = [0, 37, 90];
    const expected = some.map((test) => {
      const query = crop(400 + test, { top: 2, left: 2, mirrored: false });
      let least = Infinity;
      for (let index = 0; index < 400; index += 1)
        for (const view of VIEWS) least = Math.min(least, squares(query, index, view, least));
      return Math.sqrt(least / ONE);
    });
    some.forEach((test, at) => expect(keptAside[test]![0]!.distance).toBeCloseTo(expected[at]!, 6));
  });

  it('prints both distances where nobody asks for JSON', async () => {
    const { code, stdout } = await project.ask(['neighbours', '-n', '4', '--seed', '7']);
    expect(code).toBe(0);
    expect(stdout).toContain('4 samples of runs/copies, seed 7, beside 400 training images\n');
    expect(stdout).toMatch(/^pixels +2 +2 +[\d.]+ +[\d.]+ +[\d.]+ +4 of 4$/m);
    expect(stdout).toContain('wrote runs/copies/samples/neighbours-7.png');
    expect(statSync(project.path('runs/copies/samples/neighbours-7.png')).size).toBeGreaterThan(0);
  });

  it('leaves a run that is done, whatever steps its config gives a level with nothing to learn', async () => {
    const { code, stdout } = await project.ask(['status', 'copies']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^ +28 {2}done +1\/1$/m);
  });

  it.each([
    [['--features', '--layer', 'poled'], "got 'poled'. (LAPYRA_FEATURES_LAYER)", 'mean pooled?'],
    [['--layer', 'conv1'], 'layer: expected --features beside it', 'LAPYRA_REUSE_OPTIONS'],
    [['--features', 'copying-level#copying'], 'expected a feature net, got a level', ''],
    [['--nearest', '401'], 'expected at most 400, the number of training images', ''],
    [['--out', 'grid.jpg'], "out: expected a .png file, got 'grid.jpg'", ''],
    [['nobody'], "got 'nobody'. (LAPYRA_RUN_UNKNOWN)", ''],
  ])('refuses %j', async (flags, said, hint) => {
    const { code, stderr } = await project.ask(['neighbours', ...flags]);
    expect(code).toBe(1);
    expect(stderr).toContain(said);
    expect(stderr).toContain(hint);
  });

  it('refuses to compare with other images than the run was trained on', async () => {
    const file = project.path('images/data_batch_2.bin');
    const before = readFileSync(file);
    const after = Uint8Array.from(before);
    after[50]! ^= 1;
    writeFileSync(file, after);
    const { code, stderr } = await project.ask(['neighbours']);
    writeFileSync(file, before);
    expect(code).toBe(1);
    expect(stderr).toContain('expected the images that it was started with (cifar10:');
    expect(stderr).toContain('LAPYRA_RUN_DATA');
  });
});
