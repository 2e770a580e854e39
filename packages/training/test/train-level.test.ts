import {
  existsSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { hostSampler, type StepTraining } from '@lapyra/core';
import {
  type ImageStore,
  type LevelEvent,
  type LevelJob,
  loadLastCheckpoint,
  openImageStore,
  takeLevelLock,
  trainLevel,
  type TrainLevelOptions,
  writeImageStore,
} from '@lapyra/training';
import { toyDataset, toyPlace, toySizes, toyWhitening } from './toy-data.js';
import { createToyEngine, toyTransform } from './toy-engine.js';
import { toyLevel, type ToyOptions } from './toy-level.js';

let root: string;
let store: ImageStore;
let events: LevelEvent[];
let pictures: string[];

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'lapyra-train-'));
  await writeImageStore(join(root, 'images.bin'), toyDataset());
  store = openImageStore(join(root, 'images.bin'), { validation: 20 });
  events = [];
  pictures = [];
});

afterEach(() => {
  store.close();
  rmSync(root, { recursive: true, force: true });
});

const job: LevelJob = {
  index: 1,
  sizes: toySizes,
  flip: true,
  seed: 3,
  steps: 60,
  checkpointEvery: 10,
  scoreEvery: 20,
  scoreImages: 10,
  nearest: { k: 2, images: 5 },
  signature: 'toy',
  versions: { node: process.version },
};

interface Changes extends Partial<ToyOptions> {
  readonly job?: Partial<LevelJob>;
  readonly signal?: AbortSignal;
  readonly onEvent?: (event: LevelEvent) => void;
}

function options(folder: string, changes: Changes = {}): TrainLevelOptions {
  return {
    job: { ...job, ...changes.job },
    level: toyLevel({ place: toyPlace, ...changes }),
    transform: toyTransform,
    store,
    whitening: toyWhitening,
    engine: createToyEngine(),
    folder: join(root, folder),
    signal: changes.signal ?? new AbortController().signal,
    emit: (event) => {
      events.push(structuredClone(event)); // plain data only
      changes.onEvent?.(event);
    },
    writePicture: async (file) => {
      pictures.push(file);
    },
  };
}

const of = <K extends LevelEvent['kind']>(kind: K): Extract<LevelEvent, { kind: K }>[] =>
  events.filter((event): event is Extract<LevelEvent, { kind: K }> => event.kind === kind);

const metrics = (folder: string): { step: number }[] =>
  readFileSync(join(root, folder, 'metrics.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { step: number });

/** Everything that a resume must bring back, as bytes. */
async function ending(folder: string): Promise<unknown> {
  const loaded = await loadLastCheckpoint(join(root, folder, 'checkpoints'));
  const { step, retry, scores, state } = loaded?.checkpoint ?? {};
  const bits = Object.entries(state ?? {}).map(([name, { data }]) => [
    name,
    Buffer.from(data.buffer).toString('hex'),
  ]);
  return { step, retry, scores, bits, metrics: metrics(folder) };
}

/** Aborts when `when` comes true for an event. */
function stopWhen(when: (event: LevelEvent) => boolean): Pick<Changes, 'signal' | 'onEvent'> {
  const abort = new AbortController();
  return {
    signal: abort.signal,
    onEvent: (event) => {
      if (when(event)) abort.abort();
    },
  };
}

describe('trainLevel', () => {
  it('trains to its goal, and tells what it does', async () => {
    const outcome = await trainLevel(options('a'));
    expect(outcome).toMatchObject({ status: 'done', step: 60 });
    expect(of('done')).toEqual([{ kind: 'done', outcome }]);
    const phases = of('phase').map(({ phase }) => phase);
    expect(phases.slice(0, 4)).toEqual(['opening', 'compiling', 'comparing', 'training']);
    expect(of('checkpoint').map(({ step }) => step)).toEqual([10, 20, 30, 40, 50, 60]);
    expect(of('score').map(({ step }) => step)).toEqual([20, 40, 60]);
    expect(of('progress').at(-1)).toMatchObject({
      step: 60,
      steps: 60,
      losses: { loss: expect.any(Number) },
    });
    expect(pictures.map((file) => file.slice(root.length))).toEqual(
      [20, 40, 60].map((step) => `/a/samples/step-${step}.png`),
    );
    expect(existsSync(join(root, 'a', 'lock.json'))).toBe(false);
  });

  it('learns: the last losses are lower than the first, the score better than untrained', async () => {
    await trainLevel(options('a', { job: { steps: 200 } }));
    const losses = metrics('a').filter(
      (row): row is { step: number; loss: number } => 'loss' in row,
    );
    const mean = (rows: { loss: number }[]): number =>
      rows.reduce((sum, { loss }) => sum + loss, 0) / rows.length;
    expect(mean(losses.slice(-20))).toBeLessThan(0.2 * mean(losses.slice(0, 20)));
    const score = of('score').at(-1);
    expect(score?.value).toBeLessThan(score?.baselines.untrained as number);
    expect(score?.baselines).toMatchObject({
      id: 'sliced-wasserstein',
      upsampled: expect.any(Number),
      real: expect.any(Number),
      realImages: 10,
    });
  });

  it('reports the nearest-of-k distance when it is done', async () => {
    await trainLevel(options('a'));
    const baselines = JSON.parse(
      readFileSync(join(root, 'a', 'baselines.json'), 'utf8'),
    ) as unknown;
    expect(baselines).toMatchObject({
      nearest: {
        protocol: expect.stringContaining('nearest of 2 images'),
        untrained: expect.any(Number),
        upsampled: expect.any(Number),
        trained: expect.any(Number),
      },
    });
  });

  it('measures that distance on the best checkpoint, and says which', async () => {
    // From step 21 on it climbs instead of descending: the best score is that of step 20.
    const spoilt = { rate: (step: number) => (step < 20 ? 0.1 : -0.5) };
    await trainLevel(options('a', spoilt));
    const best = of('score').find(({ best: isBest }) => isBest);
    expect(of('score').map((score) => [score.step, score.best])).toEqual([
      [20, true],
      [40, false],
      [60, false],
    ]);
    const nearest = of('score').at(-1)?.baselines.nearest;
    expect([best?.step, nearest?.step]).toEqual([20, 20]);
    // The same steps, with the 20th as the last: the same weights are measured there.
    const { momentum: _, ...rest } = (options('b', spoilt).level.training as StepTraining).scalars;
    const measured = async (folder: string, steps: number): Promise<unknown> => {
      const base = options(folder, { ...spoilt, job: { steps } });
      const training = {
        ...(base.level.training as StepTraining),
        scalars: { ...rest, momentum: { at: () => 0.5 } },
      };
      await trainLevel({ ...base, level: { ...base.level, training } });
      return of('score').at(-1)?.baselines.nearest;
    };
    expect(await measured('b', 60)).toEqual(await measured('c', 20));
  });

  it('measures the baselines anew when the distance is asked for in another way', async () => {
    const nearestOf = (k: number, steps: number): Promise<unknown> =>
      trainLevel(options('a', { job: { steps, nearest: { k, images: 5 } } }));
    await nearestOf(2, 20);
    await nearestOf(3, 40);
    expect(of('score').map(({ baselines }) => baselines.nearest?.protocol)).toEqual([
      expect.stringContaining('nearest of 2 images'),
      expect.stringContaining('nearest of 3 images'),
    ]);
    const [two, three] = of('score').map(({ baselines }) => baselines.nearest?.untrained ?? 0);
    expect(three).toBeLessThan(two as number);
  });

  it.each([2, 3])('refuses to score on %i images', async (scoreImages) => {
    await expect(trainLevel(options('a', { job: { scoreImages } }))).rejects.toThrow(
      `scoreImages: expected 4 or more, got ${scoreImages}.`,
    );
    expect(existsSync(join(root, 'a'))).toBe(false);
  });

  it.each([1, 17, 20, 35, 59])('ends with the same bits when stopped after step %i', async (at) => {
    await trainLevel(options('whole'));
    const abort = new AbortController();
    let steps = 0;
    const stopping = options('parts', { signal: abort.signal });
    // Count through a scalar: it is asked for once a step.
    const { scalars } = stopping.level.training as { scalars: Record<string, unknown> };
    const momentum = scalars['momentum'] as { at: (clock: object) => number };
    scalars['momentum'] = {
      at: (clock: object) => {
        if (++steps === at) abort.abort();
        return momentum.at(clock);
      },
    };
    expect(await trainLevel(stopping)).toMatchObject({ status: 'stopped', step: at });
    expect(await trainLevel(options('parts'))).toMatchObject({ status: 'done', step: 60 });
    expect(await ending('parts')).toEqual(await ending('whole'));
  });

  it('ends with the same bits when the last checkpoint was damaged in between, and says so', async () => {
    await trainLevel(options('whole'));
    await trainLevel(
      options(
        'parts',
        stopWhen((e) => e.kind === 'checkpoint' && e.step === 30),
      ),
    );
    const folder = join(root, 'parts', 'checkpoints', 'step-30', 'state.safetensors');
    truncateSync(folder, 50);
    events = [];
    await trainLevel(options('parts'));
    expect(of('notice').map(({ text }) => text)).toEqual([
      expect.stringMatching(
        /step-30: expected state\.safetensors with sha256.*went back to step-20\.$/,
      ),
    ]);
    expect(await ending('parts')).toEqual(await ending('whole'));
  });

  it('leaves a finished level alone, and goes on towards a larger goal', async () => {
    const constant = { rate: () => 0.1 };
    await trainLevel(options('a', constant));
    const before = await ending('a');
    events = [];
    expect(await trainLevel(options('a', constant))).toMatchObject({ status: 'done', step: 60 });
    expect(events.map(({ kind }) => kind)).toEqual(['phase', 'done']);
    expect(await ending('a')).toEqual(before);
    expect(await trainLevel(options('a', { ...constant, job: { steps: 75 } }))).toMatchObject({
      status: 'done',
      step: 75,
    });
    expect(of('checkpoint').map(({ step }) => step)).toEqual([70, 75]);
  });

  it('goes back with half the rate when steps are refused, then trains on', async () => {
    // The rate becomes 0.4 at step 25; above 0.3 the level refuses its steps.
    const spike = { rate: (step: number) => (step < 25 ? 0.1 : 0.4), largestRate: 0.3 };
    const outcome = await trainLevel(options('a', spike));
    expect(outcome).toMatchObject({ status: 'done', step: 60 });
    // Refused are the steps 26 to 35, the tenth of them is the limit; 20 is the last step without refusals before it.
    expect(of('retry')).toEqual([
      { kind: 'retry', attempt: 1, attempts: 3, from: 35, to: 20, rateFactor: 0.5 },
    ]);
    const { checkpoint } = (await loadLastCheckpoint(join(root, 'a', 'checkpoints'))) ?? {};
    expect(checkpoint?.retry).toEqual({ attempt: 1, rateFactor: 0.5, refused: [] });
    expect(checkpoint?.state['steps']?.data[0]).toBe(60); // no refused step counts in the end
    const rows = metrics('a').map(({ step }) => step);
    expect(rows).toEqual(rows.toSorted((a, b) => a - b));

    for (const at of [10, 30, 40]) {
      const stop = stopWhen((e) => e.kind === 'checkpoint' && e.step === at);
      expect(await trainLevel(options(`b${at}`, { ...spike, ...stop }))).toMatchObject({
        status: 'stopped',
      });
      await trainLevel(options(`b${at}`, spike));
      expect(await ending(`b${at}`)).toEqual(await ending('a'));
    }
  });

  it('gives up after its retries, keeps the good checkpoint and writes a report', async () => {
    const broken = { rate: (step: number) => (step < 25 ? 0.1 : 1e6), largestRate: 0.3 };
    const outcome = await trainLevel(options('a', broken));
    const report = {
      step: 35,
      refused: [26, 27, 28, 29, 30, 31, 32, 33, 34, 35],
      attempts: 3,
      rateFactor: 0.125,
      losses: { loss: null },
      goodStep: 20,
    };
    expect(outcome).toEqual({ status: 'diverged', step: 35, report });
    expect(of('retry').map(({ rateFactor }) => rateFactor)).toEqual([0.5, 0.25, 0.125]);
    expect(JSON.parse(readFileSync(join(root, 'a', 'diverged.json'), 'utf8'))).toEqual(report);
    const good = await loadLastCheckpoint(join(root, 'a', 'checkpoints'), ({ step }) => step <= 20);
    expect(good?.checkpoint.step).toBe(20);
    // Asked again, it says so again without another round of attempts.
    events = [];
    expect(await trainLevel(options('a', broken))).toEqual({
      status: 'diverged',
      step: 35,
      report,
    });
    expect(of('retry')).toEqual([]);
  });

  it('goes back to the beginning when there is no good checkpoint yet', async () => {
    const early = { rate: (step: number) => (step < 2 ? 0.1 : 0.4), largestRate: 0.3 };
    await trainLevel(options('a', early));
    expect(of('retry')).toMatchObject([{ from: 12, to: 0 }]);
    const { checkpoint } = (await loadLastCheckpoint(join(root, 'a', 'checkpoints'))) ?? {};
    expect(checkpoint).toMatchObject({ step: 60, retry: { attempt: 1 } });
    expect(checkpoint?.state['steps']?.data[0]).toBe(60);
  });

  it('bears single refused steps', async () => {
    const hiccup = { rate: (step: number) => (step % 20 === 7 ? 0.4 : 0.1), largestRate: 0.3 };
    expect(await trainLevel(options('a', hiccup))).toMatchObject({ status: 'done' });
    expect(of('retry')).toEqual([]);
    const { checkpoint } = (await loadLastCheckpoint(join(root, 'a', 'checkpoints'))) ?? {};
    expect(checkpoint?.retry.refused).toEqual([8, 28, 48]);
    expect(checkpoint?.state['steps']?.data[0]).toBe(57);
  });

  it('refuses a second trainer', async () => {
    const first = options('a');
    const training = trainLevel(first);
    await expect(trainLevel(options('a'))).rejects.toThrow(
      expect.objectContaining({ code: 'LAPYRA_LOCK_HELD' }),
    );
    await training;
  });

  it('stops without writing when the lock was taken away', async () => {
    const folder = join(root, 'a');
    const stolen = options('a', {
      onEvent: (event) => {
        if (event.kind !== 'checkpoint' || event.step !== 20) return;
        rmSync(join(folder, 'lock.json'));
        takeLevelLock(folder);
      },
    });
    await expect(trainLevel(stolen)).rejects.toThrow(
      expect.objectContaining({ code: 'LAPYRA_LOCK_LOST' }),
    );
    expect((await loadLastCheckpoint(join(folder, 'checkpoints')))?.checkpoint.step).toBe(20);
    expect(existsSync(join(folder, 'lock.json'))).toBe(true); // the other's
  });

  it('ends with an error that names the file when a checkpoint cannot be written', async () => {
    const checkpoints = join(root, 'a', 'checkpoints');
    const failing = options('a', {
      onEvent: (event) => {
        if (event.kind !== 'checkpoint' || event.step !== 20) return;
        renameSync(checkpoints, join(root, 'a', 'elsewhere'));
        writeFileSync(checkpoints, 'in the way');
      },
    });
    await expect(trainLevel(failing)).rejects.toThrow(
      expect.objectContaining({
        code: 'LAPYRA_CHECKPOINT_WRITE',
        message: expect.stringContaining(`${checkpoints}: expected to write the checkpoint`),
      }),
    );
    expect(existsSync(join(root, 'a', 'lock.json'))).toBe(false);
    rmSync(checkpoints);
    renameSync(join(root, 'a', 'elsewhere'), checkpoints);
    await trainLevel(options('a'));
    await trainLevel(options('whole'));
    expect(await ending('a')).toEqual(await ending('whole'));
  });

  it('refuses checkpoints of another level, naming what differs', async () => {
    await trainLevel(options('a', { job: { steps: 10 } }));
    await expect(trainLevel(options('a', { job: { signature: 'other' } }))).rejects.toThrow(
      'step 10: expected a level of the signature other, got toy.',
    );
    const wider = options('a');
    const { state } = wider.level.training as { state: Record<string, unknown> };
    state['g.m'] = { shape: [3], role: 'optimiser', initial: { fill: 0 } };
    await expect(trainLevel(wider)).rejects.toThrow(
      "step 10: expected tensor 'g.m' float32 [3], got float32 [2].",
    );
  });

  it('trains without validation images, unscored', async () => {
    const bare = openImageStore(join(root, 'images.bin'), { validation: 0 });
    const outcome = await trainLevel({ ...options('a'), store: bare });
    bare.close();
    expect(outcome).toMatchObject({ status: 'done', best: null });
    expect(of('notice').map(({ text }) => text)).toEqual([
      'no score: fewer than 4 validation images are kept aside',
    ]);
  });

  it('disposes of what it opened', async () => {
    const engine = createToyEngine();
    await trainLevel({ ...options('a'), engine });
    expect(engine.opened).toBe(0);
  });

  it('goes on without pictures that cannot be written', async () => {
    const failing = {
      ...options('a', { job: { steps: 20 } }),
      writePicture: () => Promise.reject(new Error('no pencil')),
    };
    expect(await trainLevel(failing)).toMatchObject({ status: 'done' });
    expect(of('notice').map(({ text }) => text)).toEqual([
      expect.stringContaining('step-20.png was not written: no pencil'),
    ]);
  });
});

describe('trainLevel of a level that fits itself', () => {
  const host = (fits: { count: number }, stopped = false): TrainLevelOptions => {
    const base = options('host');
    const { training: _, ...level } = base.level;
    return {
      ...base,
      level: {
        ...level,
        sampler: hostSampler(async (state, inputs) => ({
          dtype: 'float32',
          shape: inputs['low']?.shape ?? [],
          data: Float32Array.from(
            inputs['low']?.data ?? [],
            (x) => x * (state['gain']?.data[0] ?? 0),
          ),
        })),
        training: {
          kind: 'host',
          fit: async (data, { report, signal }) => {
            fits.count++;
            if (stopped) throw signal.reason;
            const { band, low } = await data.read([0, 1], ['band', 'low']);
            expect(band?.shape).toEqual([2, 5, 5, 3]);
            expect(low?.shape).toEqual([2, 5, 5, 3]);
            report({ done: 1, total: 2, note: 'half' });
            return {
              gain: { dtype: 'float32', shape: [], data: Float32Array.of(data.count / 400) },
            };
          },
        },
      },
    };
  };

  it('stores what it fitted, and fits once', async () => {
    const fits = { count: 0 };
    expect(await trainLevel(host(fits))).toMatchObject({ status: 'done', step: 1 });
    const loaded = await loadLastCheckpoint(join(root, 'host', 'checkpoints'));
    expect(loaded?.checkpoint.state['gain']?.data).toEqual(Float32Array.of(0.1)); // 40 images
    expect(of('progress')).toMatchObject([{ step: 1, steps: 2, note: 'half' }]);
    expect(of('score')).toMatchObject([{ step: 1, baselines: { untrained: null } }]);
    expect(await trainLevel(host(fits))).toMatchObject({ status: 'done', step: 1 });
    expect(fits.count).toBe(1);
  });

  it('begins anew after it was stopped', async () => {
    const fits = { count: 0 };
    const abort = new AbortController();
    const stopping = host(fits, true);
    const { training } = stopping.level;
    if (training?.kind !== 'host') throw new Error('expected a host level');
    const { fit } = training;
    const level = {
      ...stopping.level,
      training: {
        ...training,
        fit: (...args: Parameters<typeof fit>) => {
          abort.abort();
          return fit(...args);
        },
      },
    };
    expect(await trainLevel({ ...stopping, level, signal: abort.signal })).toMatchObject({
      status: 'stopped',
      step: 0,
    });
    expect(await trainLevel(host(fits))).toMatchObject({ status: 'done' });
    expect(fits.count).toBe(2);
  });

  it('only scores a level with nothing to train', async () => {
    const base = host({ count: 0 });
    const outcome = await trainLevel({ ...base, level: { ...base.level, training: null } });
    expect(outcome).toMatchObject({ status: 'done', best: { step: 1, id: 'sliced-wasserstein' } });
    // A gain of 0 gives the zero band: plain upsampling.
    const [score] = of('score');
    expect(score?.value).toBeCloseTo(score?.baselines.upsampled as number, 10);
  });
});
