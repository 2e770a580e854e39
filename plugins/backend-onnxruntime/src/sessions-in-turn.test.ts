import type { InferenceSession } from 'onnxruntime-common';
import * as ort from 'onnxruntime-node';
import { expect, it } from 'vitest';
import { identityModel } from './identity-model.js';
import { sessionsInTurn } from './sessions-in-turn.js';

it('makes, runs and releases sessions one after another, and goes on after one that fails', async () => {
  let busy = false;
  const done: string[] = [];
  const alone = async <Result>(name: string, work: () => Promise<Result>): Promise<Result> => {
    expect(busy, name).toBe(false);
    busy = true;
    await new Promise((resolve) => setTimeout(resolve, 2));
    try {
      return await work();
    } finally {
      busy = false;
      done.push(name);
    }
  };
  let sessions = 0;
  const create = async (file: Uint8Array): Promise<InferenceSession> => {
    const name = `${sessions++}`;
    return alone(`create ${name}`, async () => {
      const session = await ort.InferenceSession.create(file);
      const { run, release } = session;
      session.run = (...fed: unknown[]) =>
        alone(`run ${name}`, () => run.apply(session, fed as Parameters<typeof run>));
      session.release = () => alone(`release ${name}`, () => release.call(session));
      return session;
    });
  };
  const library = sessionsInTurn({
    InferenceSession: { create } as typeof ort.InferenceSession,
    Tensor: ort.Tensor,
  });
  const file = identityModel('float32');
  const [a, b] = await Promise.all([
    library.InferenceSession.create(file),
    library.InferenceSession.create(file),
  ]);
  const x = (value: number): { x: ort.Tensor } => ({
    x: new library.Tensor('float32', Float32Array.of(value), [1]),
  });
  const results = await Promise.allSettled([
    a.run(x(1)),
    b.run({}),
    b.run(x(2), ['y']),
    a.release(),
    b.release(),
  ]);
  expect(results.map(({ status }) => status)).toEqual([
    'fulfilled',
    'rejected',
    'fulfilled',
    'fulfilled',
    'fulfilled',
  ]);
  expect(done).toEqual([
    'create 0',
    'create 1',
    'run 0',
    'run 1',
    'run 1',
    'release 0',
    'release 1',
  ]);
});
