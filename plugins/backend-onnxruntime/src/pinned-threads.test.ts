import { readdirSync, readFileSync } from 'node:fs';
import { scalar } from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { onnxruntimeCpu } from './onnxruntime-cpu.js';
import { sessionOptions } from './ort-library.js';
import { allowedProcessors, pinnedThreads } from './pinned-threads.js';

it('gives each thread but the caller’s a processor, counted from 1', () => {
  const options = sessionOptions('cpu', 4);
  expect(pinnedThreads(options, '0-3')).toEqual({
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
  ['fewer threads than processors', 3, '0-3'],
  ['more threads than processors', 5, '0-3'],
  ['threads that the runtime chooses', undefined, '0-3'],
  ['one thread', 1, '0'],
  ['a process that may use other processors', 4, '4-7'],
  ['a process that may use every second one', 4, '0,2,4,6'],
  ['another system', 4, null],
] as const)('leaves %s free', (_, threads, allowed) => {
  const options = sessionOptions('cpu', threads);
  expect(pinnedThreads(options, allowed)).toBe(options);
});

const allowed = allowedProcessors();
const cores = Number(/^0-(\d+)$/.exec(allowed ?? '')?.[1] ?? 0) + 1;
const where = cores > 1 ? '' : ` (skipped: no processors from 0 on without a gap, but ${allowed})`;

it.skipIf(cores < 2)(
  `the system knows: of all threads that a session starts, each may use one processor, another for each${where}`,
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
