import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  hostSampler,
  type DatasetBatch,
  type Level,
  type LevelPlace,
  type OpenCaptions,
  type OpenDataset,
  plane,
  type Size,
  type StepProgram,
  type StepTraining,
  type TensorValues,
} from '@lapyra/core';
import {
  createStepInputs,
  type ImageStore,
  openImageStore,
  type StepInputs,
  writeCaptionStore,
  writeImageStore,
} from '@lapyra/training';

// Image n has class n mod 3, and the pixel (n, 10·y + x, x + y) at (y, x): image and position can be read off.
const IMAGES = 30;
const SIZE: Size = [4, 6];

const dataset: OpenDataset = {
  size: SIZE,
  channels: 3,
  classes: ['a', 'b', 'c'],
  fingerprint: 'numbered',
  count: { train: IMAGES, test: 0 },
  read: async function* (): AsyncGenerator<DatasetBatch> {
    const pixels: number[] = [];
    for (let n = 0; n < IMAGES; n++)
      for (let y = 0; y < 4; y++) for (let x = 0; x < 6; x++) pixels.push(n, 10 * y + x, x + y);
    yield {
      pixels: Uint8Array.from(pixels),
      labels: Uint8Array.from({ length: IMAGES }, (_, n) => n % 3),
    };
  },
};

/** Image n is called "n" and "n mod 5": the vectors are (n, −1) and (n mod 5, 1). */
const captions: OpenCaptions = {
  texts: true,
  width: null,
  fingerprint: 'numbers',
  read: async function* (split) {
    const texts = Array.from({ length: IMAGES }, (_, n) => [`image ${n}`, `like ${n % 5}`]);
    if (split === 'train') yield { texts, vectors: null };
  },
};
const encode = async (texts: readonly string[]): Promise<Float32Array> =>
  Float32Array.from(
    texts.flatMap((text) => [Number(text.split(' ')[1]), text.startsWith('like') ? 1 : -1]),
  );

let root: string;
let store: ImageStore;
let captioned: ImageStore;

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'lapyra-inputs-'));
  await writeImageStore(join(root, 'images.bin'), dataset);
  store = openImageStore(join(root, 'images.bin'), { validation: 3 });
  await writeImageStore(join(root, 'unlabelled.bin'), {
    ...dataset,
    classes: null,
    read: async function* () {
      for await (const batch of dataset.read('train')) yield { ...batch, labels: null };
    },
  });
  const file = join(root, 'a.captions');
  const { count, fingerprint } = dataset;
  await writeCaptionStore(file, { captions, count, fingerprint, width: 2, encode });
  captioned = openImageStore(join(root, 'unlabelled.bin'), { validation: 3, captions: file });
});

afterAll(() => {
  store.close();
  captioned.close();
  rmSync(root, { recursive: true, force: true });
});

const place: LevelPlace = {
  size: [2, 3],
  coarse: [1, 2],
  channels: 3,
  condition: { kind: 'classes', names: ['a', 'b', 'c'] },
  transform: 'box-bilinear',
  pixels: { mean: [127.5, 127.5, 127.5], scale: [64, 64, 64], exact: false },
};

const program: StepProgram = {
  name: 'd',
  draws: {
    wrong: { count: 8, of: ['condition'], unlike: 'real' },
    real: { count: 8, of: ['band', 'condition'] },
    fakes: { count: 8, of: ['coarse'] },
  },
  noise: { z: 8 },
  random: {
    mask: { shape: [1000], distribution: { keep: 0.25 } },
    mix: { shape: [1000], distribution: 'uniform' },
    jitter: { shape: [1000], distribution: 'normal' },
  },
  scalars: ['rate', 'momentum'],
  reads: [],
  writes: [],
  outputs: ['finite'],
  run: () => ({ state: {}, outputs: {} }),
};

const training: StepTraining = {
  kind: 'steps',
  state: {},
  programs: [program],
  scalars: {
    rate: { at: ({ step, steps, images }) => step + steps + images / 1000, isRate: true },
    momentum: { at: () => 0.5 },
  },
  samplerState: {},
};

function create(
  changes: {
    crop?: Size;
    flip?: boolean;
    seed?: number;
    condition?: LevelPlace['condition'];
    store?: ImageStore;
  } = {},
): StepInputs {
  const level: Level = {
    place: { ...place, condition: changes.condition ?? place.condition },
    noise: { plane: plane(place.size) },
    output: 'band',
    sampler: hostSampler(() => Promise.reject(new Error('not here'))),
    training,
  };
  const sizes: readonly Size[] = [[1, 2], [2, 3], changes.crop ?? [3, 4]];
  return createStepInputs({
    level,
    training,
    store: changes.store ?? store,
    job: { sizes, flip: changes.flip ?? false, seed: changes.seed ?? 1, steps: 50 },
  });
}

const copy = (inputs: TensorValues): Record<string, number[]> =>
  Object.fromEntries(Object.entries(inputs).map(([name, { data }]) => [name, [...data]]));

const classesOf = (values: readonly number[] | undefined): number[] =>
  Array.from({ length: 8 }, (_, i) => (values ?? []).slice(3 * i, 3 * i + 3).indexOf(1));

describe('createStepInputs', () => {
  it('gives all inputs with their shapes', () => {
    const inputs = create().of(program, 0, 0, 1);
    const names = Object.keys(inputs).toSorted();
    expect(names.map((name) => [name, inputs[name]?.dtype, inputs[name]?.shape])).toEqual([
      ['fakes.pixels', 'uint8', [8, 3, 4, 3]],
      ['jitter', 'float32', [1000]],
      ['mask', 'float32', [1000]],
      ['mix', 'float32', [1000]],
      ['momentum', 'float32', []],
      ['rate', 'float32', []],
      ['real.condition', 'float32', [8, 3]],
      ['real.pixels', 'uint8', [8, 3, 4, 3]],
      ['wrong.condition', 'float32', [8, 3]],
      ['z.plane', 'float32', [8, 2, 3, 1]],
    ]);
  });

  it('is the same for the same step, and another for another seed, step or occurrence', () => {
    const first = copy(create().of(program, 4, 0, 1));
    const inputs = create();
    inputs.of(program, 3, 0, 1); // whatever was asked before
    expect(copy(inputs.of(program, 4, 0, 1))).toEqual(first);
    for (const other of [
      create({ seed: 2 }).of(program, 4, 0, 1),
      create().of(program, 5, 0, 1),
      create().of(program, 4, 1, 1),
      create().of({ ...program, name: 'g' }, 4, 0, 1),
    ])
      for (const name of ['real.pixels', 'fakes.pixels', 'z.plane', 'mask', 'mix', 'jitter'])
        expect([...(other[name]?.data ?? [])]).not.toEqual(first[name]);
    expect(first['real.pixels']).not.toEqual(first['fakes.pixels']);
  });

  it('cuts every crop, mirrored or not, from every place of training images only', () => {
    const inputs = create({ flip: true });
    const seen = {
      images: new Set<number>(),
      places: new Set<string>(),
      flips: new Set<boolean>(),
    };
    for (let step = 0; step < 60; step++) {
      const pixels = inputs.of(program, step, 0, 1)['real.pixels']?.data ?? [];
      for (let i = 0; i < 8; i++) {
        const at = (y: number, x: number, c: number): number =>
          pixels[((i * 3 + y) * 4 + x) * 3 + c] as number;
        const flipped = at(0, 0, 1) > at(0, 3, 1);
        const corner = at(0, flipped ? 3 : 0, 1);
        const [top, left] = [Math.floor(corner / 10), corner % 10];
        for (let y = 0; y < 3; y++)
          for (let x = 0; x < 4; x++) {
            expect(at(y, x, 0)).toBe(at(0, 0, 0)); // all of one image
            expect(at(y, x, 1)).toBe(10 * (top + y) + left + (flipped ? 3 - x : x));
          }
        seen.images.add(at(0, 0, 0));
        seen.places.add(`${top} ${left}`);
        seen.flips.add(flipped);
      }
    }
    expect(seen.images.size).toBe(27);
    expect(Math.max(...seen.images)).toBe(26); // 27 to 29 are kept aside
    expect([...seen.places].toSorted()).toEqual(['0 0', '0 1', '0 2', '1 0', '1 1', '1 2']);
    expect(seen.flips.size).toBe(2);
  });

  it('gives the whole image where crops have its size', () => {
    const pixels = create({ crop: SIZE }).of(program, 0, 0, 1)['real.pixels']?.data;
    const image = pixels?.[0] ?? -1;
    expect(pixels?.subarray(0, 72)).toEqual(store.read('train', [image]));
  });

  it('gives the class of each image, and another class where told', () => {
    const inputs = create();
    const pairs = new Set<string>();
    for (let step = 0; step < 40; step++) {
      const { 'real.pixels': pixels, ...given } = copy(inputs.of(program, step, 0, 1));
      const real = classesOf(given['real.condition']);
      const wrong = classesOf(given['wrong.condition']);
      real.forEach((label, i) => {
        expect(label).toBe((pixels?.[i * 36] ?? -1) % 3);
        expect(wrong[i]).not.toBe(label);
        pairs.add(`${label}${wrong[i]}`);
      });
    }
    expect(pairs.size).toBe(6);
  });

  it('gives one of the captions of each image, and of an image without a common one where told', () => {
    const inputs = create({ condition: { kind: 'embedding', width: 2 }, store: captioned });
    const kinds = { real: [0, 0], wrong: [0, 0] };
    const said: [string, boolean, boolean][] = [];
    for (let step = 0; step < 60; step++) {
      const { 'real.pixels': pixels, ...given } = copy(inputs.of(program, step, 0, 1));
      for (let i = 0; i < 8; i++) {
        const image = pixels?.[i * 36] ?? -1;
        for (const draw of ['real', 'wrong'] as const) {
          const [number = -1, kind = 0] = (given[`${draw}.condition`] ?? []).slice(2 * i);
          kinds[draw][kind > 0 ? 1 : 0]! += 1;
          said.push([
            draw,
            kind > 0 ? number === image % 5 : number === image,
            number % 5 === image % 5,
          ]);
        }
      }
    }
    const of = (draw: string): unknown[] => said.filter(([name]) => name === draw);
    expect(of('real')).toEqual(Array.from({ length: 480 }, () => ['real', true, true]));
    expect(of('wrong')).toEqual(Array.from({ length: 480 }, () => ['wrong', false, false]));
    // 480 fair coins: 3.6 deviations.
    for (const [first = 0, second = 0] of Object.values(kinds))
      expect(Math.abs(first - second)).toBeLessThan(80);
    const again = create({ condition: { kind: 'embedding', width: 2 }, store: captioned });
    expect(copy(again.of(program, 59, 0, 1))).toEqual(copy(inputs.of(program, 59, 0, 1)));
  });

  it('draws masks, mixes and normals as declared', () => {
    const { mask = [], mix = [], jitter = [] } = copy(create().of(program, 0, 0, 1));
    expect(new Set(mask)).toEqual(new Set([0, 4]));
    expect(mask.filter((x) => x > 0).length / 1000).toBeCloseTo(0.25, 1);
    expect(Math.min(...mix)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...mix)).toBeLessThan(1);
    const mean = jitter.reduce((sum, x) => sum + x, 0) / 1000;
    expect(Math.abs(mean)).toBeLessThan(0.15);
    expect(jitter.reduce((sum, x) => sum + (x - mean) ** 2, 0) / 1000).toBeCloseTo(1, 0);
  });

  it('sets scalars by their schedule, and rates by their factor too', () => {
    const inputs = create().of(program, 7, 0, 0.5);
    expect(inputs['rate']?.data[0]).toBeCloseTo((7 + 50 + 0.027) / 2, 5);
    expect(inputs['momentum']?.data[0]).toBe(0.5);
  });

  it('refuses a schedule that is not finite', () => {
    const broken = {
      ...training,
      scalars: { ...training.scalars, rate: { at: () => Number.NaN } },
    };
    const level = { place, noise: {}, output: 'band', training: broken } as const;
    const sampler = hostSampler(() => Promise.reject(new Error('not here')));
    const inputs = createStepInputs({
      level: { ...level, sampler },
      training: broken,
      store,
      job: { sizes: [[3, 4]], flip: false, seed: 1, steps: 5 },
    });
    expect(() => inputs.of({ ...program, noise: {} }, 2, 0, 1)).toThrow(
      "level 2x3: expected a finite scalar 'rate' at step 2, got NaN.",
    );
  });

  it('refuses classes that the images do not have, and crops larger than they are', () => {
    expect(() => create({ condition: { kind: 'classes', names: ['a', 'b'] } })).toThrow(
      'level 2x3: expected images with the classes a, b, got a, b, c.',
    );
    expect(() => create({ condition: { kind: 'embedding', width: 4 } })).toThrow(
      'level 2x3: expected images with vectors of 4 numbers, got images without.',
    );
    expect(() => create({ crop: [5, 6] })).toThrow(
      'data.crop: expected at most 4×6, the size of the images, got 5×6.',
    );
  });
});
