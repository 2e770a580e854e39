import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  type Checkpoint,
  checkpointSteps,
  loadBestCheckpoint,
  loadLastCheckpoint,
  saveCheckpoint,
} from '@lapyra/training';
import { resumeCheckpoint } from '../src/resume-checkpoint.js';
import { bundleChild } from './bundle-child.js';

let root: string;
let folder: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'lapyra-checkpoint-'));
  folder = join(root, 'checkpoints');
});

afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

function checkpoint(step: number, changes: Partial<Checkpoint> = {}): Checkpoint {
  return {
    step,
    retry: { attempt: 0, rateFactor: 1, refused: [] },
    scores: [],
    signature: 'fits',
    versions: { node: '20' },
    state: { w: { dtype: 'float32', shape: [2], data: Float32Array.of(step, step / 3) } },
    ...changes,
  };
}

const scored = (...values: [step: number, value: number][]): Partial<Checkpoint> => ({
  scores: values.map(([step, value]) => ({ step, id: 'frechet-pixels', value })),
});

const tensors = (step: number): string => join(folder, `step-${step}`, 'state.safetensors');

describe('checkpoints', () => {
  it('are given back bit for bit', async () => {
    const saved = checkpoint(10, {
      ...scored([10, 2.5]),
      retry: { attempt: 1, rateFactor: 0.5, refused: [7] },
    });
    await saveCheckpoint(folder, saved);
    const loaded = await loadLastCheckpoint(folder);
    expect(loaded?.notices).toEqual([]);
    expect({ ...loaded?.checkpoint, state: { ...loaded?.checkpoint.state } }).toEqual(saved);
  });

  it('are none at first', async () => {
    expect(await loadLastCheckpoint(folder)).toBeNull();
    expect(await loadBestCheckpoint(folder)).toBeNull();
  });

  it('are kept: the last two, the best, and the last one without refused steps', async () => {
    const restless = { retry: { attempt: 0, rateFactor: 1, refused: [39] } };
    await saveCheckpoint(folder, checkpoint(10, scored([10, 3])));
    await saveCheckpoint(folder, checkpoint(20, scored([10, 3], [20, 2])));
    await saveCheckpoint(folder, checkpoint(30, scored([10, 3], [20, 2], [30, 4])));
    expect(await checkpointSteps(folder)).toEqual([30, 20]);
    for (const step of [40, 50, 60])
      await saveCheckpoint(
        folder,
        checkpoint(step, { ...scored([10, 3], [20, 2], [30, 4], [40, 1]), ...restless }),
      );
    // 40 is the best, 30 the last calm one, 20 the best as 30 knows it.
    expect(await checkpointSteps(folder)).toEqual([60, 50, 40, 30, 20]);
    expect((await loadBestCheckpoint(folder))?.checkpoint.step).toBe(40);
    await saveCheckpoint(folder, checkpoint(70, scored([20, 2], [40, 1])));
    expect(await checkpointSteps(folder)).toEqual([70, 60, 40]);
    expect(readdirSync(folder).sort()).toEqual([
      'best.json',
      'last.json',
      'step-40',
      'step-60',
      'step-70',
    ]);
  });

  it('fall back to the one before when tensors were cut off or changed, and say so', async () => {
    await saveCheckpoint(folder, checkpoint(10));
    await saveCheckpoint(folder, checkpoint(20));
    const bytes = readFileSync(tensors(20));
    bytes[bytes.length - 1] = (bytes.at(-1) as number) ^ 1;
    writeFileSync(tensors(20), bytes);
    const changed = await loadLastCheckpoint(folder);
    expect(changed?.checkpoint.step).toBe(10);
    expect(changed?.notices).toHaveLength(1);
    expect(changed?.notices[0]).toMatch(
      /step-20: expected state\.safetensors with sha256 [\da-f]{12}…, got [\da-f]{12}… \(\d+ bytes\): went back to step-10\.$/,
    );
    truncateSync(tensors(20), 30);
    expect((await loadLastCheckpoint(folder))?.notices[0]).toContain('(30 bytes)');
    rmSync(tensors(20));
    expect((await loadLastCheckpoint(folder))?.notices[0]).toContain('got ENOENT');
  });

  it('are kept when saved after a resume that passed damaged newer ones, which are set aside', async () => {
    const scores = scored([100, 1]);
    const restless = { retry: { attempt: 0, rateFactor: 1, refused: [99] } };
    await saveCheckpoint(folder, checkpoint(100, { ...scores, ...restless }));
    await saveCheckpoint(folder, checkpoint(200, scores));
    await saveCheckpoint(folder, checkpoint(300, scored([100, 1], [300, 2])));
    truncateSync(tensors(200), 30);
    truncateSync(tensors(300), 30);
    const notices: unknown[] = [];
    const lost = {
      check: (): void => {
        throw new Error('lost');
      },
    };
    await expect(resumeCheckpoint(folder, checkpoint(0), lost, () => undefined)).rejects.toThrow(
      'lost',
    );
    expect(await checkpointSteps(folder)).toEqual([300, 200, 100]); // only the lock's holder touches them
    const held = { check: (): void => undefined };
    const resumed = await resumeCheckpoint(folder, checkpoint(0), held, (e) => notices.push(e));
    expect(resumed?.step).toBe(100);
    expect(notices).toHaveLength(2);
    expect((await loadBestCheckpoint(folder))?.checkpoint.step).toBe(100);
    await saveCheckpoint(folder, checkpoint(150, { ...scores, ...restless }));
    expect(readdirSync(folder).sort()).toEqual([
      'best.json',
      'damaged-step-200',
      'damaged-step-300',
      'last.json',
      'step-100',
      'step-150',
    ]);
    expect(JSON.parse(readFileSync(join(folder, 'last.json'), 'utf8'))).toMatchObject({
      step: 150,
    });
    const after = await loadLastCheckpoint(folder);
    expect([after?.checkpoint.step, after?.notices]).toEqual([150, []]);
  });

  it('set a damaged one aside beside another of its step', async () => {
    for (const aside of ['damaged-step-20', 'damaged-step-20.1']) {
      await saveCheckpoint(folder, checkpoint(10));
      await saveCheckpoint(folder, checkpoint(20));
      truncateSync(tensors(20), 30);
      const lock = { check: (): void => undefined };
      await resumeCheckpoint(folder, checkpoint(0), lock, () => undefined);
      expect(existsSync(join(folder, aside, 'state.safetensors'))).toBe(true);
    }
  });

  it('are never removed by their own saving, whatever newer ones are there', async () => {
    for (const step of [100, 200, 300]) await saveCheckpoint(folder, checkpoint(step));
    await saveCheckpoint(folder, checkpoint(150));
    expect(await checkpointSteps(folder)).toContain(150);
  });

  it('fall back when checkpoint.json was cut off, and survive a damaged pointer', async () => {
    await saveCheckpoint(folder, checkpoint(10));
    await saveCheckpoint(folder, checkpoint(20));
    writeFileSync(join(folder, 'last.json'), '{"st');
    expect((await loadLastCheckpoint(folder))?.checkpoint.step).toBe(20);
    truncateSync(join(folder, 'step-20', 'checkpoint.json'), 40);
    const loaded = await loadLastCheckpoint(folder);
    expect(loaded?.checkpoint.step).toBe(10);
    expect(loaded?.notices[0]).toContain('expected checkpoint.json of step 20');
  });

  it('are refused clearly when none is good', async () => {
    await saveCheckpoint(folder, checkpoint(10));
    truncateSync(tensors(10), 3);
    await expect(loadLastCheckpoint(folder)).rejects.toThrow(
      `${folder}: expected a good checkpoint, got only damaged ones.`,
    );
  });

  it('write over a damaged one of the same step', async () => {
    await saveCheckpoint(folder, checkpoint(10));
    truncateSync(tensors(10), 3);
    await saveCheckpoint(folder, checkpoint(10));
    expect((await loadLastCheckpoint(folder))?.notices).toEqual([]);
  });

  it('take the last one for the best when the best is damaged', async () => {
    await saveCheckpoint(folder, checkpoint(10, scored([10, 1])));
    await saveCheckpoint(folder, checkpoint(20, scored([10, 1], [20, 2])));
    truncateSync(tensors(10), 3);
    const loaded = await loadBestCheckpoint(folder);
    expect(loaded?.checkpoint.step).toBe(20);
    expect(loaded?.notices[0]).toContain('took the last one, step-20');
  });

  it('can be read while a trainer publishes and prunes', async () => {
    await saveCheckpoint(folder, checkpoint(1, scored([1, 999])));
    const trainer = { lives: true };
    const writer = (async () => {
      const scores: [number, number][] = [];
      for (let step = 2; step <= 25; step++) {
        scores.push([step, 100 - step]); // each better than the one before: all but two are pruned
        await saveCheckpoint(folder, checkpoint(step, scored(...scores.slice(-3))));
      }
      trainer.lives = false;
    })();
    let reads = 0;
    for (; trainer.lives; reads++)
      for (const load of [loadLastCheckpoint, loadBestCheckpoint]) {
        const loaded = await load(folder);
        expect(loaded?.notices).toEqual([]);
        expect(loaded?.checkpoint.state['w']?.data[0]).toBe(loaded?.checkpoint.step);
      }
    await writer;
    expect(reads).toBeGreaterThan(2);
  });

  it('are not published when the lock was lost', async () => {
    await saveCheckpoint(folder, checkpoint(10));
    const lost = saveCheckpoint(folder, checkpoint(20), () => {
      throw new Error('lost');
    });
    await expect(lost).rejects.toThrow('lost');
    expect(readdirSync(folder).sort()).toEqual(['last.json', 'step-10']);
  });
});

describe('a folder that cannot be written', () => {
  it('is named, where a file stands in the place of the folder', async () => {
    writeFileSync(folder, 'no folder');
    await expect(saveCheckpoint(folder, checkpoint(10))).rejects.toThrow(
      expect.objectContaining({
        code: 'LAPYRA_CHECKPOINT_WRITE',
        message: expect.stringMatching(/checkpoints: expected to write the checkpoint, got E/),
      }),
    );
  });

  it('keeps the checkpoint before when files may not grow further', async () => {
    const script = await bundleChild('limited-child.ts');
    await saveCheckpoint(folder, checkpoint(10));
    const { stdout } = spawnSync(
      '/bin/sh',
      ['-c', 'ulimit -f 512; exec "$0" "$1" "$2"', process.execPath, script, folder],
      { encoding: 'utf8' },
    );
    expect(stdout).toContain(`LAPYRA_CHECKPOINT_WRITE ${tensors(20)}: expected to write`);
    expect(stdout).toContain('EFBIG');
    expect(readdirSync(folder).sort()).toEqual(['last.json', 'step-10']);
    expect((await loadLastCheckpoint(folder))?.checkpoint.step).toBe(10);
  });

  it('keeps the checkpoint before on a full disk, and on one that became read-only', async (test) => {
    mkdirSync(folder);
    const mounted = mount('-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', folder);
    test.skip(mounted !== null, `this user may not mount a small disk: ${mounted}`);
    try {
      await saveCheckpoint(folder, checkpoint(10));
      const large = {
        w: { dtype: 'float32' as const, shape: [100_000], data: new Float32Array(100_000) },
      };
      await expect(saveCheckpoint(folder, checkpoint(20, { state: large }))).rejects.toThrow(
        expect.objectContaining({
          code: 'LAPYRA_CHECKPOINT_WRITE',
          message: expect.stringContaining(
            `${tensors(20)}: expected to write the checkpoint, got ENOSPC`,
          ),
        }),
      );
      expect(readdirSync(folder).sort()).toEqual(['last.json', 'step-10']);

      mount('-o', 'remount,ro', folder);
      await expect(saveCheckpoint(folder, checkpoint(20))).rejects.toThrow(
        expect.objectContaining({
          code: 'LAPYRA_CHECKPOINT_WRITE',
          message: expect.stringContaining('EROFS'),
        }),
      );
      expect((await loadLastCheckpoint(folder))?.checkpoint.step).toBe(10);
    } finally {
      spawnSync('umount', [folder]);
    }
    expect(existsSync(folder)).toBe(true);
  });
});

/** The reason if it failed. */
function mount(...options: string[]): string | null {
  const { status, stderr, error } = spawnSync('mount', options, { encoding: 'utf8' });
  return status === 0 ? null : (error?.message ?? stderr.trim());
}
