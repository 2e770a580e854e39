import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { mergeRows } from '../bench/merge-rows.mjs';
import {
  benchmarkTables,
  gpuTable,
  samplingTable,
  withTable,
  withTables,
} from '../bench/table.mjs';
import { read } from './markdown.mjs';
import { root } from './run.mjs';

const machine = {
  cpu: 'A processor',
  cores: 2,
  node: 'v20.20.2',
  torch: { version: '2.9.0', mkldnn: true },
};
const step = {
  net: 'paper 8→14',
  steps: 20,
  threads: 2,
  ours_ms: 200,
  memory_bytes: 300 * 2 ** 20,
  compile_ms: 987.6,
  parameters: 1000,
  flop: 30e9,
  asked: 1.5,
  aim: 1,
  peak_gflops: 240.4,
  peer: 'PyTorch 2.9.0, 1 thread, channels last',
  peer_ms: 100,
  peer_memory_bytes: 200 * 2 ** 20,
  peer_peak_gflops: 250.6,
  ratio: 2,
};
const other = {
  net: 'small',
  steps: 30,
  threads: 1,
  ours_ms: 5.678,
  peer: 'eager tfjs cpu',
  peer_ms: 100,
  ratio: 0.05678,
};

describe('benchmarkTables', () => {
  it('have a row for each network, with what was measured of it', () => {
    expect(benchmarkTables({ ...machine, rows: [step, other] }).split('\n')).toEqual([
      'A processor, 2 cores, Node 20.20.2, PyTorch 2.9.0 (with oneDNN); medians of 20 to 30 steps.',
      '',
      '| network    | GFLOP | ours   | PyTorch | its best with           | ratio | asked           | met | our GFLOP/s of peak | its GFLOP/s of peak | our MiB | its MiB | compiling |',
      '| ---------- | ----- | ------ | ------- | ----------------------- | ----- | --------------- | --- | ------------------- | ------------------- | ------- | ------- | --------- |',
      '| paper 8→14 | 30    | 200 ms | 100 ms  | 1 thread, channels last | 2.00  | ≤ 1.5 (aim 1.0) | no  | 150 of 240          | 300 of 251          | 300     | 200     | 988 ms    |',
      '',
      '| measured | threads | ours, ms | against        | its ms | ratio  |',
      '| -------- | ------- | -------- | -------------- | ------ | ------ |',
      '| small    | 1       | 5.68     | eager tfjs cpu | 100    | 0.0568 |',
    ]);
  });

  it.each([
    [{ ratio: 1.504 }, 'no'],
    [{ ratio: 1.496 }, 'yes'],
    [{ ratio: 0.99 }, 'aim'],
    [{ ratio: 1.2, asked_memory: 1.49 }, 'yes, memory no (1.50×)'],
    [{ ratio: 1.2, asked_memory: 1.5 }, 'yes, memory yes (1.50×)'],
  ])('judge %o by what was measured, not by what is shown: %s', (measured, met) => {
    const text = benchmarkTables({ ...machine, rows: [{ ...step, ...measured }] });
    expect(text.split('\n').at(-1).split('|')[8].trim()).toBe(met);
  });

  it('leave out the peer where there is none', () => {
    const { net, ours_ms, flop, compile_ms } = step;
    const alone = {
      net,
      steps: 2,
      ours_ms,
      flop,
      compile_ms,
      peer: null,
      peer_ms: null,
      ratio: null,
    };
    const row = benchmarkTables({ ...machine, torch: null, rows: [alone] })
      .split('\n')
      .at(-1);
    expect(row.split('|').map((cell) => cell.trim())).toEqual([
      '',
      'paper 8→14',
      '30',
      '200 ms',
      '',
      '',
      '',
      '',
      '',
      '150',
      '',
      '',
      '',
      '988 ms',
      '',
    ]);
  });
});

describe('samplingTable', () => {
  it('has images a second of both sides', () => {
    const rows = [
      {
        net: 'paper, levels, batch 64',
        rounds: 20,
        batch: 64,
        threads: 2,
        ours_ms: 128,
        peer: 'PyTorch 2.9.0, 2 threads',
        peer_ms: 160,
        ratio: 1.25,
      },
    ];
    expect(samplingTable({ ...machine, rows }).split('\n')).toEqual([
      'A processor, 2 cores, Node 20.20.2, PyTorch 2.9.0; medians of 20 rounds.',
      '',
      '| pyramid                 | threads | ours, images/s | PyTorch | its best with | ahead |',
      '| ----------------------- | ------- | -------------- | ------- | ------------- | ----- |',
      '| paper, levels, batch 64 | 2       | 500            | 400     | 2 threads     | 1.25× |',
    ]);
  });
});

describe('gpuTable', () => {
  it('has a row a net, and says what was not measured', () => {
    const text = gpuTable({
      device: 'A card',
      torch: null,
      node: 'v20.1.0',
      rows: [
        { net: 'paper', steps: 5, ours_ms: 30, peer_ms: 20, peer_tf32_ms: 12, compile_ms: 200 },
        { net: 'other', steps: 5, ours_ms: 3, peer_ms: null, peer_tf32_ms: null },
      ],
    });
    expect(text.split('\n')).toEqual([
      'A card, Node 20.1.0, no PyTorch with CUDA; medians of 5 steps.',
      '',
      '| network | WebGPU  | PyTorch, CUDA | ratio | with TF32    | compiling |',
      '| ------- | ------- | ------------- | ----- | ------------ | --------- |',
      '| paper   | 30 ms   | 20 ms         | 1.5   | 12 ms        | 200 ms    |',
      '| other   | 3.00 ms | not measured  |       | not measured |           |',
    ]);
  });
});

describe('mergeRows', () => {
  const folder = mkdtempSync(join(tmpdir(), 'lapyra-rows-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  it('replaces a row of the same net, keeps the others, in order', () => {
    const file = join(folder, 'rows.json');
    const names = ['a', 'b', 'c'];
    mergeRows(
      file,
      machine,
      [
        { net: 'c', ours_ms: 1 },
        { net: 'a', ours_ms: 1 },
      ],
      names,
    );
    mergeRows(
      file,
      machine,
      [
        { net: 'b', ours_ms: 2 },
        { net: 'c', ours_ms: 2 },
      ],
      names,
    );
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({
      ...machine,
      rows: [
        { net: 'a', ours_ms: 1 },
        { net: 'b', ours_ms: 2 },
        { net: 'c', ours_ms: 2 },
      ],
    });
  });

  it('refuses figures of another machine', () => {
    const file = join(folder, 'other.json');
    mergeRows(file, machine, [{ net: 'a' }], ['a']);
    expect(() => mergeRows(file, { ...machine, cpu: 'Another' }, [{ net: 'a' }], ['a'])).toThrow(
      'expected rows measured with cpu Another, got A processor. Remove the file to begin anew.',
    );
  });
});

describe('docs/benchmarks.md', () => {
  it('has room for the table, and the table of the figures that are there', () => {
    const document = read('docs/benchmarks.md');
    for (const file of ['step', 'sample', 'gpu'])
      expect(withTable(document, 'a table', file)).toContain('a table');
    const measured = (file) =>
      existsSync(join(root, 'docs/benchmarks', file)) ? read(`docs/benchmarks/${file}`) : null;
    expect(document).toBe(withTables(document, measured));
  });
});
