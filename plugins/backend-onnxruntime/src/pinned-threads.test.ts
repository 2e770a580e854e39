import { readdirSync, readFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { scalar } from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { onnxruntimeCpu } from './onnxruntime-cpu.js';
import { sessionOptions } from './ort-library.js';
import { pinnedThreads } from './pinned-threads.js';

const four = { platform: 'linux', available: 4, processors: 4 };

it('gives each thread but the caller’s a processor, counted from 1', () => {
  const options = sessionOptions('cpu', 4);
  expect(pinnedThreads(options, four)).toEqual({
    ...options,
    extra: {
      session: {
        ...(options.extra?.['session'] as object),
        intra_op_thread_affinities: '2;3;4',
      },
    },
  });
});

it.each([
  ['fewer threads than processors', 3, four],
  ['more threads than processors', 5, four],
  ['threads that the runtime chooses', undefined, four],
  ['one thread', 1, { platform: 'linux', available: 1, processors: 1 }],
  ['a process that may use a part of the processors', 4, { ...four, available: 3 }],
  ['another system', 4, { ...four, platform: 'darwin' }],
] as const)('leaves %s free', (_, threads, machine) => {
  const options = sessionOptions('cpu', threads);
  expect(pinnedThreads(options, machine)).toBe(options);
});

const cores = availableParallelism();

it.skipIf(process.platform !== 'linux' || cores < 2 || cores !== cpus().length)(
  'the system knows: of all threads that a session starts, each may use one processor, another for each',
  async () => {
    const before = new Set(readdirSync('/proc/self/task'));
    const backend = await onnxruntimeCpu.plugin.create({}, undefined);
    const engine = await backend.open({ threads: cores });
    const state = await engine.open({});
    await state.compile({
      name: 'one',
      reads: [],
      writes: [],
      inputs: {},
      outputs: { one: 'float32' },
      run: () => ({ state: {}, outputs: { one: scalar(1) } }),
    });
    const pinned = (): readonly number[] =>
      readdirSync('/proc/self/task')
        .filter((thread) => !before.has(thread))
        .map((thread) => readFileSync(`/proc/self/task/${thread}/status`, 'utf8'))
        .map((status) => /^Cpus_allowed_list:\s*(\S+)$/m.exec(status)?.[1])
        .filter((list) => list !== undefined && /^\d+$/.test(list))
        .map(Number)
        .toSorted((one, other) => one - other);
    // A thread goes to its processor when it first runs, which may be after the session is there.
    await expect
      .poll(pinned, { timeout: 10_000 })
      .toEqual(Array.from({ length: cores - 1 }, (_, at) => at + 1));
    await engine.dispose();
  },
);
