import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  createLocalExecutor,
  type ExecutorEvent,
  type LevelTask,
  loadLastCheckpoint,
  type LocalExecutor,
  writeImageStore,
} from '@lapyra/training';
import { bundleChild } from './bundle-child.js';
import type { ToyPayload } from './toy-child.js';
import { toyDataset } from './toy-data.js';

let childScript: string;
let parentScript: string;
let root: string;
let processes: ChildProcess[];
let pids: number[];

beforeAll(async () => {
  [childScript, parentScript] = await Promise.all([
    bundleChild('toy-child.ts'),
    bundleChild('toy-parent.ts'),
  ]);
});

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'lapyra-executor-'));
  await writeImageStore(join(root, 'images.bin'), toyDataset());
  processes = [];
  pids = [];
});

afterEach(() => {
  for (const child of processes) child.kill('SIGKILL');
  for (const pid of pids) killIfThere(pid);
  rmSync(root, { recursive: true, force: true });
});

function killIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // gone already
  }
}

const task = (level: string, payload: Partial<ToyPayload> = {}, cost = 1): LevelTask => ({
  level,
  cost,
  payload: { root, steps: 40, delay: 0, ...payload },
});

interface Log {
  readonly executor: LocalExecutor;
  readonly events: [level: string, event: ExecutorEvent][];
}

function create(
  options: { jobs?: number; cores?: number } = {},
  on?: (executor: LocalExecutor, level: string, event: ExecutorEvent) => void,
): Log {
  const events: Log['events'] = [];
  const executor = createLocalExecutor({
    childUrl: pathToFileURL(childScript),
    ...options,
    onEvent: (level, event) => {
      events.push([level, event]);
      if (event.kind === 'started') pids.push(event.pid);
      on?.(executor, level, event);
    },
  });
  return { executor, events };
}

/** Tensors, step and retry state of a level's last checkpoint, as text. */
async function ending(folder: string): Promise<string> {
  const { checkpoint } = (await loadLastCheckpoint(join(folder, 'checkpoints'))) ?? {};
  const { step, retry, state } = checkpoint ?? {};
  const bits = Object.entries(state ?? {}).map(([name, { data }]) => [
    name,
    Buffer.from(data.buffer).toString('hex'),
  ]);
  return JSON.stringify([step, retry, bits]);
}

async function whole(steps: number): Promise<string> {
  const { executor } = create();
  await executor.run([task('whole', { steps })]);
  return ending(join(root, 'levels', 'whole'));
}

async function until(holds: () => boolean): Promise<void> {
  for (let i = 0; !holds(); i++) {
    if (i > 2000) throw new Error('waited too long');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

const isThere = (pid: number): boolean => {
  try {
    // A killed process whose parent does not collect it stays as a zombie: it is gone all the same.
    return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
};

describe('createLocalExecutor', () => {
  it('lets a level wait for others, and gives it up when one of them is not done', async () => {
    const { executor, events } = create({ jobs: 3 });
    const reports = await executor.run([
      task('8', { steps: 12 }, 1),
      { ...task('14', { steps: 12 }, 5), after: ['8'] },
      { ...task('28', { steps: 12 }, 9), after: ['8', '14'] },
      task('9', { fail: 'throw' }, 2),
      { ...task('18', {}, 20), after: ['9'] },
      { ...task('36', {}, 30), after: ['18'] },
    ]);
    expect(reports.map((report) => [report.level, report.status])).toEqual([
      ['8', 'outcome'],
      ['14', 'outcome'],
      ['28', 'outcome'],
      ['9', 'failed'],
      ['18', 'blocked'],
      ['36', 'blocked'],
    ]);
    expect(reports.at(-2)).toEqual({ level: '18', status: 'blocked', by: '9' });
    expect(reports.at(-1)).toEqual({ level: '36', status: 'blocked', by: '18' });
    const waiting = events.flatMap(([level, event]) =>
      event.kind === 'waiting' ? [[level, ...event.for]] : [],
    );
    expect(waiting).toEqual([
      ['14', '8'],
      ['28', '8', '14'],
      ['18', '9'],
      ['36', '18'],
    ]);
    const order = events.flatMap(([level, { kind }]) =>
      kind === 'started' || kind === 'ended' ? [`${level} ${kind}`] : [],
    );
    const at = (what: string): number => order.indexOf(what);
    expect(at('14 started')).toBeGreaterThan(at('8 ended'));
    expect(at('28 started')).toBeGreaterThan(at('14 ended'));
    expect(order).not.toContain('18 started');
  });

  it('does not wait for ever for levels that wait for each other', async () => {
    const { executor } = create();
    const reports = await executor.run([
      { ...task('a'), after: ['b'] },
      { ...task('b'), after: ['a'] },
    ]);
    expect(reports.map(({ status }) => status)).toEqual(['blocked', 'blocked']);
  });

  it('trains levels in processes of their own, the most costly first, and passes events up', async () => {
    const { executor, events } = create({ jobs: 1, cores: 4 });
    const reports = await executor.run([task('8', {}, 1), task('28', {}, 9), task('14', {}, 3)]);
    expect(reports.map(({ level, status }) => [level, status])).toEqual([
      ['8', 'outcome'],
      ['28', 'outcome'],
      ['14', 'outcome'],
    ]);
    const started = events.filter(([, event]) => event.kind === 'started');
    expect(started.map(([level]) => level)).toEqual(['28', '14', '8']);
    expect(started[0]?.[1]).toMatchObject({ threads: 4 });
    expect(new Set(pids).size).toBe(3);
    const kinds = events.filter(([level]) => level === '14').map(([, { kind }]) => kind);
    expect(kinds[0]).toBe('started');
    expect(kinds.slice(-2)).toEqual(['done', 'ended']);
    expect(new Set(kinds)).toEqual(
      new Set(['started', 'phase', 'progress', 'checkpoint', 'score', 'done', 'ended']),
    );
  });

  it('reports a child that throws, one that dies and one that diverges, while others go on', async () => {
    const { executor } = create({ jobs: 4 });
    const [thrown, dead, diverged, good] = await executor.run([
      task('a', { fail: 'throw' }),
      task('b', { fail: 'exit' }),
      task('c', { fail: 'diverge' }),
      task('d'),
    ]);
    expect(thrown).toMatchObject({ status: 'failed', error: { message: 'no such plugin' } });
    expect(dead).toEqual({
      level: 'b',
      status: 'died',
      exitCode: 7,
      signal: null,
      output: 'out of memory',
    });
    expect(diverged).toMatchObject({
      status: 'outcome',
      outcome: { status: 'diverged', step: 10 },
    });
    expect(good).toMatchObject({ status: 'outcome', outcome: { status: 'done', step: 40 } });
  });

  it('reports errors with their code and hint', async () => {
    const { executor, events } = create({ jobs: 1 });
    await executor.run([task('a')]);
    rmSync(join(root, 'images.bin'));
    await writeImageStore(join(root, 'images.bin'), toyDataset(10)); // too few for 20 validation images
    const [report] = await executor.run([task('a')]);
    expect(report).toMatchObject({ status: 'failed', error: { code: 'LAPYRA_DATA_VALIDATION' } });
    expect(events.at(-1)?.[1]).toEqual({ kind: 'ended', report });
  });

  it('stops children at the next step, with a checkpoint, and starts no more', async () => {
    const { executor } = create({ jobs: 1 }, (self, _, event) => {
      if (event.kind === 'checkpoint' && event.step === 20) self.stop();
    });
    const reports = await executor.run([task('a', { steps: 5000, delay: 3 }, 2), task('b')]);
    expect(reports[1]).toEqual({ level: 'b', status: 'not-started' });
    const [report] = reports;
    if (report?.status !== 'outcome') throw new Error(JSON.stringify(report));
    expect(report.outcome.status).toBe('stopped');
    expect(report.outcome.step).toBeGreaterThanOrEqual(20);
    const { checkpoint } =
      (await loadLastCheckpoint(join(root, 'levels', 'a', 'checkpoints'))) ?? {};
    expect(checkpoint?.step).toBe(report.outcome.step);
  });

  it('ends children at once when told to kill, and their checkpoints stay good', async () => {
    const { executor } = create({ jobs: 1 }, (self, _, event) => {
      if (event.kind === 'checkpoint' && event.step === 20) self.kill();
    });
    const [report] = await executor.run([task('a', { steps: 5000, delay: 1 })]);
    expect(report).toMatchObject({ status: 'died', exitCode: null, signal: 'SIGKILL' });
    expect(await loadLastCheckpoint(join(root, 'levels', 'a', 'checkpoints'))).toMatchObject({
      notices: [],
    });
  });
});

describe('a level after kill -9', () => {
  const STEPS = 120;
  const folder = (): string => join(root, 'levels', 'a');
  const payload = (): string => JSON.stringify({ root, steps: STEPS, delay: 4 });

  async function startParent(): Promise<{
    parent: ChildProcess;
    child: number;
    lines: AsyncIterator<string>;
  }> {
    const parent = spawn(process.execPath, [parentScript, childScript, payload()], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    processes.push(parent);
    const lines = createInterface(parent.stdout)[Symbol.asyncIterator]();
    const child = Number((await lines.next()).value);
    pids.push(child);
    return { parent, child, lines };
  }

  const steps = (): number => {
    try {
      return readFileSync(join(folder(), 'metrics.jsonl'), 'utf8').split('\n').length - 1;
    } catch {
      return 0;
    }
  };

  it('of the child, the parent and both goes on to the same bits, and never has two writers', async () => {
    const expected = await whole(STEPS);

    const first = await startParent();
    await until(() => steps() >= 17);
    process.kill(first.child, 'SIGKILL');
    const said = JSON.parse((await first.lines.next()).value as string) as unknown;
    expect(said).toMatchObject({ level: 'a', status: 'died', signal: 'SIGKILL' });

    const second = await startParent();
    await until(() => steps() >= 38);
    second.parent.kill('SIGKILL');
    // The child still lives for the rest of its step: whoever comes now is refused, or finds the lock free.
    const third = await startParent();
    const refused = await Promise.race([
      third.lines.next().then(({ value }) => value as string),
      until(() => steps() >= 70).then(() => null),
    ]);
    expect(refused ?? 'LAPYRA_LOCK_HELD').toContain('LAPYRA_LOCK_HELD');
    const fourth = refused === null ? third : await startParent();
    await until(() => steps() >= 70);
    fourth.parent.kill('SIGKILL');
    process.kill(fourth.child, 'SIGKILL');
    await until(() => !isThere(fourth.child));

    const last = await startParent();
    const end = JSON.parse((await last.lines.next()).value as string) as unknown;
    expect(end).toMatchObject({ status: 'outcome', outcome: { status: 'done', step: STEPS } });
    expect(await ending(folder())).toBe(expected);
    // metrics.jsonl has each step once, in order.
    const rows = readFileSync(join(folder(), 'metrics.jsonl'), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { step: number; loss?: number })
      .filter((row) => row.loss !== undefined)
      .map(({ step }) => step);
    expect(rows).toEqual(Array.from({ length: STEPS }, (_, i) => i + 1));
  });

  it('of the parent stops by itself, with a checkpoint, and gives its lock back', async () => {
    const { parent, child } = await startParent();
    await until(() => steps() >= 13);
    parent.kill('SIGKILL');
    await until(() => !isThere(child));
    expect(existsSync(join(folder(), 'lock.json'))).toBe(false);
    const { checkpoint } = (await loadLastCheckpoint(join(folder(), 'checkpoints'))) ?? {};
    expect(checkpoint?.step).toBeGreaterThanOrEqual(13);
    expect(checkpoint?.step).toBeLessThan(STEPS);
  });

  it('is not needed: Ctrl-C in the terminal stops at the next step', async () => {
    const { parent, child, lines } = await startParent();
    await until(() => steps() >= 13);
    // As a terminal does it: to the whole group.
    process.kill(child, 'SIGINT');
    parent.kill('SIGINT');
    const said = JSON.parse((await lines.next()).value as string) as unknown;
    expect(said).toMatchObject({ status: 'outcome', outcome: { status: 'stopped' } });
    const { step } = (said as { outcome: { step: number } }).outcome;
    expect(step).toBeGreaterThanOrEqual(13);
    expect(step).toBeLessThan(STEPS);
  });
});
