import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openMetricsLog } from './metrics-log.js';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lapyra-metrics-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe('openMetricsLog', () => {
  it('cuts rows of later steps and a half-written one, then goes on', async () => {
    const file = join(folder, 'metrics.jsonl');
    writeFileSync(file, '{"step":1,"a":0.5}\n{"step":2,"a":null}\n{"step":3,"a":1}\n{"step":4,"a');
    const notices: string[] = [];
    const log = await openMetricsLog(file, 2, (text) => notices.push(text));
    log.append({ step: 3, a: 2 });
    expect(readFileSync(file, 'utf8')).toBe(
      '{"step":1,"a":0.5}\n{"step":2,"a":null}\n{"step":3,"a":2}\n',
    );
    expect(notices).toEqual([]);
  });

  it('says once that rows cannot be written', async () => {
    const notices: string[] = [];
    const file = join(folder, 'metrics.jsonl');
    const log = await openMetricsLog(file, 0, (text) => notices.push(text));
    mkdirSync(file);
    log.append({ step: 1 });
    log.append({ step: 2 });
    expect(notices).toEqual([expect.stringContaining(`${file}: no more rows are written: EISDIR`)]);
  });
});
