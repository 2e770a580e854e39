// Training on a mix of true coarse images and ones that were drawn beforehand.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  boxBilinearTransform,
  imageBatch,
  type LevelPlace,
  plainViews,
  type StepProgram,
  whiten,
} from '@lapyra/core';
import {
  type CoarseMixing,
  composeStep,
  createStepInputs,
  type ImageStore,
  loadCoarsePool,
  loadLastCheckpoint,
  openImageStore,
  saveCoarsePool,
  trainLevel,
  type TrainLevelOptions,
  writeImageStore,
} from '@lapyra/training';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { toyDataset, toyPlace, toySizes, toyWhitening } from './toy-data.js';
import { createToyEngine, float, type Tensor, toyTransform, toValue } from './toy-engine.js';
import { toyLevel } from './toy-level.js';

let root: string;
let store: ImageStore;

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'lapyra-mixing-'));
  await writeImageStore(join(root, 'images.bin'), toyDataset());
  store = openImageStore(join(root, 'images.bin'), { validation: 20 });
});
afterEach(() => {
  store.close();
  rmSync(root, { recursive: true, force: true });
});

const place: LevelPlace = {
  ...toyPlace,
  condition: { kind: 'classes', names: ['dark', 'light'] },
};

/** Seven coarse images that are told from true ones by their size: 100, 200, … and of class n mod 2. */
const pool = {
  coarse: imageBatch(
    [7, 2, 2, 3],
    Float32Array.from({ length: 7 * 12 }, (_, i) => 100 * (1 + Math.floor(i / 12)) + (i % 12)),
  ),
  condition: Float32Array.from({ length: 14 }, (_, i) => (i % 2 === Math.floor(i / 2) % 2 ? 1 : 0)),
};

const mixing = (share: number): CoarseMixing => ({
  share,
  pool,
  select: (paired, yes, no) => {
    const [chosen, a, b] = [paired, yes, no].map(toValue);
    const per = a!.data.length / chosen!.data.length;
    return float(
      a!.shape,
      Array.from(a!.data, (value, i) =>
        chosen!.data[Math.floor(i / per)] === 1 ? value : b!.data[i]!,
      ),
    );
  },
});

/** A toy level with one draw that may be generated, and one that may not; `saw` gets what the program is given. */
function marked(
  of: StepProgram['draws'][string]['of'],
  saw: (inputs: Readonly<Record<string, Tensor>>) => void = () => undefined,
): ReturnType<typeof toyLevel> {
  const level = toyLevel({ place });
  const [fit] = level.training.programs as [StepProgram];
  const program: StepProgram = {
    ...fit,
    draws: { ...fit.draws, others: { count: 6, of, mayBeGenerated: true } },
    run: (state, inputs, resample) => {
      saw(inputs);
      const low = inputs['others.low'];
      // Learns a little from the marked draw too, so that it bears on the result.
      const shift = low ? (toValue(low).data[0] as number) * 1e-5 : 0;
      const result = fit.run(state, inputs, resample);
      const w = toValue(result.state['g.w']);
      return {
        ...result,
        state: {
          ...result.state,
          'g.w': float(
            [2],
            Array.from(w.data, (x) => x + shift),
          ),
        },
      };
    },
  };
  return { ...level, training: { ...level.training, programs: [program] } };
}

interface Seen {
  readonly [name: string]: { readonly shape: readonly number[]; readonly data: Float32Array };
}

/** What the program sees at a step. */
async function seenAt(
  step: number,
  share: number | null,
  of: StepProgram['draws'][string]['of'],
  transform = toyTransform.tensor,
): Promise<{ readonly seen: Seen; readonly given: Seen }> {
  let seen: Seen = {};
  const level = marked(of, (inputs) => {
    seen = Object.fromEntries(
      Object.entries(inputs).map(([name, value]) => [name, toValue(value)]),
    ) as unknown as Seen;
  });
  const { training } = level;
  const [program] = training.programs as [StepProgram];
  const job = { sizes: toySizes, index: 1, flip: true, seed: 3, steps: 10 };
  const mix = share === null ? {} : { mixing: mixing(share) };
  const composed = composeStep(program, training, {
    level,
    transform,
    ...job,
    ...mix,
  });
  const given = createStepInputs({ level, training, store, job, ...mix }).of(program, step, 0, 1);
  const state = await createToyEngine().open({
    ...Object.fromEntries(
      Object.entries(training.state).map(([name, { shape }]) => [
        name,
        { dtype: 'float32' as const, shape, data: new Float32Array(shape[0] ?? 1) },
      ]),
    ),
    'whitening.mean': { dtype: 'float32', shape: toyWhitening.shape, data: toyWhitening.mean },
    'whitening.scale': { dtype: 'float32', shape: toyWhitening.shape, data: toyWhitening.scale },
  });
  await (await state.compile(composed)).run(given);
  return { seen, given: given as unknown as Seen };
}

describe('a draw that may be generated', () => {
  it('gets coarse images of the pool where it is not paired, with their conditions', async () => {
    const parts = ['low', 'coarse', 'condition', 'band', 'paired'] as const;
    const { seen } = await seenAt(4, 0.5, parts);
    const { seen: plain, given } = await seenAt(4, null, parts);
    const paired = seen['others.paired']!.data;
    expect(new Set(paired)).toEqual(new Set([0, 1]));
    expect([...plain['others.paired']!.data]).toEqual([1, 1, 1, 1, 1, 1]);
    const row = ({ data }: Seen[string], i: number): number[] => {
      const per = data.length / paired.length;
      return [...data.subarray(i * per, (i + 1) * per)];
    };
    for (const [i, isPaired] of paired.entries()) {
      expect(row(seen['others.band']!, i), 'bands are those of the pictures').toEqual(
        row(plain['others.band']!, i),
      );
      const own = ['low', 'coarse', 'condition'].filter(() => isPaired === 1);
      for (const part of own)
        expect(row(seen[`others.${part}`]!, i)).toEqual(row(plain[`others.${part}`]!, i));
    }
    for (const i of [...paired.keys()].filter((at) => paired[at] === 0)) {
      const coarse = row(seen['others.coarse']!, i);
      const pick = coarse[0]! / 100 - 1;
      expect(coarse).toEqual([...pool.coarse.data.subarray(pick * 12, pick * 12 + 12)]);
      expect(row(seen['others.condition']!, i)).toEqual([pick % 2 === 0 ? 1 : 0, pick % 2]);
      const low = boxBilinearTransform.upsample(
        imageBatch([1, 2, 2, 3], Float32Array.from(coarse)),
        [5, 5],
      );
      expect(row(seen['others.low']!, i)).toEqual([...low.data]);
    }
    // Without mixing it is what the pictures are: taken apart by the plain transform.
    const pixels = given['others.pixels']!;
    const image = whiten(pixels.data as unknown as Uint8Array, [6, 5, 5, 3], toyWhitening);
    const views = plainViews(boxBilinearTransform, image, toySizes, 1);
    expect([...plain['others.low']!.data]).toEqual([...views.low!.data]);
  });

  it('leaves other draws, noise and random numbers as they were', async () => {
    const mixed = await seenAt(2, 0.5, ['low']);
    const plain = await seenAt(2, null, ['low']);
    for (const name of Object.keys(plain.seen).filter((one) => one !== 'others.low'))
      expect(mixed.seen[name], name).toEqual(plain.seen[name]);
    expect(Object.keys(mixed.seen)).toEqual(Object.keys(plain.seen));
  });

  it('needs no pictures at all where everything is generated', async () => {
    const { seen, given } = await seenAt(0, 1, ['low']);
    expect(Object.keys(given)).not.toContain('others.pixels');
    expect(Math.min(...seen['others.low']!.data)).toBeGreaterThanOrEqual(100);
    expect(Object.keys((await seenAt(0, 1, ['low', 'image', 'paired'])).given)).toContain(
      'others.pixels',
    );
  });

  it('is not enlarged where nobody asks for that: a chain of levels has no u of one step', async () => {
    const upsample = (): never => {
      throw new Error('no such ratio');
    };
    const transform = { ...toyTransform.tensor, upsample };
    const { seen } = await seenAt(0, 1, ['coarse'], transform);
    expect(Math.min(...seen['others.coarse']!.data)).toBeGreaterThanOrEqual(100);
    await expect(seenAt(0, 1, ['low'], transform)).rejects.toThrow('no such ratio');
  });

  it('gets as many as were asked for, each of the pool alike', async () => {
    const level = marked(['coarse']);
    const [program] = level.training.programs as [StepProgram];
    const inputs = createStepInputs({
      level,
      training: level.training,
      store,
      job: { sizes: toySizes, flip: false, seed: 1, steps: 500 },
      mixing: mixing(0.3),
    });
    const counts = new Map<number, number>();
    for (let step = 0; step < 500; step++) {
      const given = inputs.of(program, step, 0, 1);
      given['others.paired']!.data.forEach((paired, i) => {
        const pick = paired === 1 ? -1 : (given['others.generated']!.data[i * 12] ?? 0) / 100 - 1;
        counts.set(pick, (counts.get(pick) ?? 0) + 1);
      });
    }
    // 3000 images: 900 ± 25 of the pool, each of its seven 129 ± 11.
    expect(3000 - counts.get(-1)!).toBeGreaterThan(800);
    expect(3000 - counts.get(-1)!).toBeLessThan(1000);
    expect([...counts.keys()].toSorted((a, b) => a - b)).toEqual([-1, 0, 1, 2, 3, 4, 5, 6]);
    for (let pick = 0; pick < 7; pick++) {
      expect(counts.get(pick)).toBeGreaterThan(80);
      expect(counts.get(pick)).toBeLessThan(180);
    }
  });
});

describe('training with generated coarse images', () => {
  const options = (
    folder: string,
    changes: Partial<TrainLevelOptions> = {},
  ): TrainLevelOptions => ({
    job: {
      index: 1,
      sizes: toySizes,
      flip: true,
      seed: 3,
      steps: 24,
      checkpointEvery: 6,
      scoreEvery: 12,
      scoreImages: 8,
      nearest: { k: 1, images: 2 },
      signature: 'toy',
      versions: {},
    },
    level: marked(['low', 'condition']),
    transform: toyTransform,
    store,
    whitening: toyWhitening,
    engine: createToyEngine(),
    folder: join(root, folder),
    signal: new AbortController().signal,
    emit: () => undefined,
    writePicture: async () => undefined,
    mixing: async () => mixing(0.5),
    ...changes,
  });
  const bits = async (folder: string): Promise<unknown> => {
    const loaded = await loadLastCheckpoint(join(root, folder, 'checkpoints'));
    const { step, state, scores } = loaded!.checkpoint;
    const tensors = Object.entries(state).map(([name, { data }]) => [name, [...data]]);
    return { step, scores, tensors };
  };

  it('ends with the same bits when it was stopped, and with others than without', async () => {
    await trainLevel(options('whole'));
    for (const at of [1, 6, 17]) {
      const abort = new AbortController();
      let step = 0;
      const level = marked(['low', 'condition'], () => {
        if (++step === at) abort.abort();
      });
      const stopped = await trainLevel(options(`stopped-${at}`, { level, signal: abort.signal }));
      expect(stopped).toMatchObject({ status: 'stopped', step: at });
      const asked = vi.fn<(begun: boolean) => Promise<CoarseMixing>>(async () => mixing(0.5));
      await trainLevel(options(`stopped-${at}`, { mixing: asked }));
      expect(asked.mock.calls).toEqual([[true]]);
      expect(await bits(`stopped-${at}`)).toEqual(await bits('whole'));
    }
    const { mixing: _, ...unmixed } = options('unmixed');
    await trainLevel(unmixed);
    expect(await bits('unmixed')).not.toEqual(await bits('whole'));
  });

  it('is stopped while the coarse images are drawn, without a step', async () => {
    const outcome = await trainLevel(options('early', { mixing: async () => null }));
    expect(outcome).toEqual({ status: 'stopped', step: 0, best: null });
    expect(await loadLastCheckpoint(join(root, 'early', 'checkpoints'))).toBeNull();
  });

  it('keeps its pool, and tells when it was changed', async () => {
    const file = join(root, 'generated.safetensors');
    expect(await loadCoarsePool(file)).toBeNull();
    await expect(loadCoarsePool(file, true)).rejects.toThrow(
      `${file}: expected the coarse images that were drawn for this level, got none.`,
    );
    await saveCoarsePool(file, pool, { run: 'a', steps: { '2': 40 } });
    const loaded = await loadCoarsePool(file);
    expect(loaded).toEqual({ ...pool, record: { run: 'a', steps: { '2': 40 } } });
    const bytes = readFileSync(file);
    bytes[bytes.length - 2]! ^= 8;
    writeFileSync(file, bytes);
    await expect(loadCoarsePool(file)).rejects.toThrow(
      `${file}: expected the coarse images that were drawn for this level, got other numbers.`,
    );
    writeFileSync(file, bytes.subarray(0, 40));
    await expect(loadCoarsePool(file)).rejects.toThrow(
      'expected the coarse images that were drawn',
    );
  });

  it.each([
    [
      { level: toyLevel({ place }) },
      'level 5: expected a level that can learn on generated coarse images, got one that marks no such draws.',
    ],
    [
      { mixing: async () => mixing(0) },
      'level 5: expected a share of generated coarse images in (0, 1], got 0.',
    ],
    [
      {
        mixing: async () => ({ ...mixing(1), pool: { ...pool, coarse: imageBatch([7, 3, 2, 3]) } }),
      },
      'level 5: expected generated coarse images [n, 2, 2, 3], got [7, 3, 2, 3].',
    ],
    [
      { mixing: async () => ({ ...mixing(1), pool: { ...pool, condition: null } }) },
      'level 5: expected 7 conditions of 2 numbers with the generated coarse images, got 0 numbers.',
    ],
  ])('refuses what does not fit (%#)', async (changes, message) => {
    await expect(trainLevel(options('refused', changes))).rejects.toThrow(message);
  });

  it('draws by (seed, level, step, program, draw)', () => {
    const at = (seed: number, step: number): number[] => {
      const level = marked(['coarse']);
      const [program] = level.training.programs as [StepProgram];
      const given = createStepInputs({
        level,
        training: level.training,
        store,
        job: { sizes: toySizes, flip: false, seed, steps: 9 },
        mixing: mixing(0.5),
      }).of(program, step, 0, 1);
      return [...given['others.generated']!.data];
    };
    expect(at(1, 5)).toEqual(at(1, 5));
    expect(at(1, 5)).not.toEqual(at(2, 5));
    expect(at(1, 5)).not.toEqual(at(1, 6));
  });
});
