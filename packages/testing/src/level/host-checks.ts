// Levels with code of their own outside of tensor programs: a sampler on the host, a training on the host.
import type {
  Engine,
  HostSampler,
  HostTraining,
  TensorValue,
  TensorValues,
  WorkContext,
} from '@lapyra/core';
import { expect } from 'vitest';
import { samplerInputs } from './draw-images.js';
import type { LevelCheck, LevelHarness } from './level-harness.js';
import { copied, expectSameBits, notFinite } from './same-bits.js';
import { storedAndRead } from './state-checks.js';
import type { TrueViews } from './true-views.js';

/** A sampler that is opened, draws, and is closed. */
export function hostSamplerChecks(harness: LevelHarness, sampler: HostSampler): LevelCheck[] {
  const { level, views, seed } = harness;
  const inputs = (): TensorValues => samplerInputs(level, views, 0, 2, seed);
  const drawn = (value: TensorValue): TensorValues => ({ drawn: value });
  return [
    {
      title: 'is opened more than once at a time, and what is closed leaves the others be',
      run: async () => {
        const state = await harness.samplerState();
        const first = await sampler.open(state, harness.engine);
        const alone = copied(drawn(await first.sample(inputs())));
        const second = await sampler.open(state, harness.engine);
        const both = await Promise.all([first.sample(inputs()), second.sample(inputs())]);
        for (const value of both) expectSameBits(drawn(value), alone, 'drawn at the same time');
        await first.dispose();
        const after = await second.sample(inputs());
        expectSameBits(drawn(after), alone, 'drawn after the other was closed');
        await second.dispose();
      },
    },
    {
      title: 'gives back what it opened in the engine, and leaves the engine to its owner',
      run: async () => {
        const state = await harness.samplerState();
        const watched = watch(harness.engine);
        const opened = await sampler.open(state, watched.engine);
        await opened.sample(inputs());
        await opened.dispose();
        expect(watched.open(), 'states and files still open').toBe(0);
        expect(watched.isDisposed(), 'the engine was disposed of').toBe(false);
      },
    },
    {
      title: 'tells how far it has drawn, if it tells, and stops when it is told to',
      run: async () => {
        const opened = await sampler.open(await harness.samplerState(), harness.engine);
        await tellsAndStops((work) => opened.sample(inputs(), work));
        await opened.dispose();
      },
    },
  ];
}

/** A level that fits itself. */
export function hostTrainingChecks(harness: LevelHarness, training: HostTraining): LevelCheck[] {
  const { views, seed } = harness;
  const silent = (): WorkContext => ({
    signal: new AbortController().signal,
    report: () => undefined,
  });
  const fit = (data: TrueViews, work = silent()): Promise<TensorValues> =>
    training.fit(data, { seed, ...work });
  return [
    {
      title: 'fits itself to the same again from the same seed',
      run: async () => {
        const state = copied(await fit(views));
        expectSameBits(await fit(views), state, 'state of a second fit');
        expect(notFinite(state), 'tensors that are not finite').toEqual([]);
      },
    },
    {
      title: 'reads only images that there are, and lets them be',
      run: async () => {
        const wrong: number[] = [];
        const changed: string[] = [];
        const given: { readonly values: TensorValues; readonly before: TensorValues }[] = [];
        const data: TrueViews = {
          ...views,
          read: async (indices, parts) => {
            wrong.push(...indices.filter((index) => !isIndex(index, views.count)));
            const values = await views.read(indices, parts);
            given.push({ values, before: copied(values) });
            return values;
          },
        };
        await fit(data);
        for (const { values, before } of given)
          for (const name of Object.keys(before))
            if (!isSame(values[name]!, before[name]!)) changed.push(name);
        expect(wrong, 'indices of images that there are not').toEqual([]);
        expect(changed, 'parts that were changed').toEqual([]);
      },
    },
    {
      title: 'has a state that can be stored',
      run: async () => {
        const state = await harness.samplerState();
        expectSameBits(storedAndRead(state), state, 'state after it was stored');
      },
    },
    {
      title: 'tells how far its fit is, if it tells, and stops when it is told to',
      run: () => tellsAndStops((work) => fit(views, work)),
    },
  ];
}

/** Progress goes from 0 to all, never back; once aborted, no more than one further report comes, and an error. */
async function tellsAndStops(begin: (work: WorkContext) => Promise<unknown>): Promise<void> {
  const reports: { readonly done: number; readonly total: number }[] = [];
  await begin({
    signal: new AbortController().signal,
    report: ({ done, total }) => reports.push({ done, total }),
  });
  let before = 0;
  for (const { done, total } of reports) {
    expect(total, 'total').toBe(reports[0]!.total);
    expect(done, `of ${total}, after ${before}`).toBeGreaterThanOrEqual(before);
    expect(done, `of ${total}`).toBeLessThanOrEqual(total);
    before = done;
  }
  const isLong = reports.some(({ done, total }) => done < total);
  if (!isLong) return; // it is over before it can be stopped
  expect(reports.at(-1)!.done, 'the last report').toBe(reports[0]!.total);

  const stop = new AbortController();
  let late = 0;
  const work = begin({
    signal: stop.signal,
    report: ({ done, total }) => {
      if (stop.signal.aborted) late += 1;
      else if (done < total) stop.abort();
    },
  });
  await expect(work, 'work that was told to stop').rejects.toBeInstanceOf(Error);
  expect(late, 'reports after it was told to stop').toBeLessThanOrEqual(1);
}

interface Watched {
  readonly engine: Engine;
  /** States and files that are open. */
  open(): number;
  isDisposed(): boolean;
}

/** An engine that counts what is open in it. */
function watch(engine: Engine): Watched {
  let open = 0;
  let disposed = false;
  const counted = <Thing extends { dispose(): Promise<void> }>(thing: Thing): Thing => {
    open += 1;
    let isOpen = true;
    const dispose = async (): Promise<void> => {
      if (isOpen) open -= 1;
      isOpen = false;
      await thing.dispose();
    };
    // Methods of an engine's classes need their own object as `this`.
    return new Proxy(thing, {
      get: (target, name) => {
        if (name === 'dispose') return dispose;
        const value: unknown = Reflect.get(target, name, target);
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
  };
  return {
    engine: {
      id: engine.id,
      open: async (state) => counted(await engine.open(state)),
      ...(engine.load ? { load: async (bytes) => counted(await engine.load!(bytes)) } : {}),
      ...(engine.export ? { export: engine.export.bind(engine) } : {}),
      ...(engine.cost ? { cost: engine.cost.bind(engine) } : {}),
      dispose: async () => {
        disposed = true;
      },
    },
    open: () => open,
    isDisposed: () => disposed,
  };
}

function isIndex(value: number, count: number): boolean {
  return Number.isInteger(value) && value >= 0 && value < count;
}

function isSame(a: TensorValue, b: TensorValue): boolean {
  return (
    a.data.length === b.data.length && a.data.every((value, at) => Object.is(value, b.data[at]))
  );
}
